"""Errors of the command line: what is wrong, and what to do next."""

from warden.errors import Defect, WardenError, as_warden_error


class CliError(WardenError):
    """Shown as two lines on standard error; the exit code is 1 unless a kind of error has its own."""

    reason = "command-failed"
    exit_code = 1


class NotRunning(CliError):
    """The command needs a running system."""

    def __init__(self, where: str) -> None:
        """``where`` is the state folder that was looked into."""
        super().__init__(f"nothing is running ({where})", "start it with: ./just up")


def explain(error: Exception) -> list[str]:
    """The lines to show: what is wrong, and what to do."""
    known = as_warden_error(error)
    hint = "this is a defect; PHAROS_DEBUG=1 shows where" if isinstance(known, Defect) else known.hint
    return [f"error: {known.message}", *([f"  {hint}"] if hint else [])]
