"""Errors of the command line: what is wrong, and what to do next."""

import errno


class CliError(Exception):
    """Shown as two lines on standard error; the exit code is 1."""

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep what is wrong and what to do apart."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotRunning(CliError):
    """The command needs a running system."""

    def __init__(self, where: str) -> None:
        """``where`` is the state folder that was looked into."""
        super().__init__(f"nothing is running ({where})", "start it with: ./just up")


def explain(error: Exception) -> list[str] | None:
    """The lines to show for an error that says itself what to do; None for one that is a defect of ours."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return [f"error: no space left on the disk ({error.filename or 'state folder'})", "  free some, then try again"]
    message, hint = getattr(error, "message", None), getattr(error, "hint", None)
    if message is None or hint is None:
        return None
    return [f"error: {message}", *([f"  {hint}"] if hint else [])]
