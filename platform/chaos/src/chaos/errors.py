"""Why an experiment was not run, or could not be run to its end; each with the exit code that tells them apart."""

from pharos.errors import CliError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3


class ChaosError(CliError):
    """An experiment could not be run to its end; what it had done is undone."""

    reason = "chaos-failed"
    exit_code = EXIT_FAILED


class Refused(ChaosError):
    """The experiment was not begun, and nothing was done."""

    reason = "chaos-refused"
    exit_code = EXIT_REFUSED


class NotInThisMode(Refused):
    """The fault cannot be made by a real mechanism in the mode that the system runs in."""

    reason = "not-in-this-mode"


class UnknownExperiment(ChaosError):
    """There is no experiment of that name."""

    reason = "experiment-unknown"
    exit_code = EXIT_USAGE


class InvalidExperiment(ChaosError):
    """A file of an experiment does not say what it should; the message names the place."""

    reason = "experiment-invalid"
    exit_code = EXIT_USAGE
