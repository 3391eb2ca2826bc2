"""What can go wrong while the system is started, supervised or stopped, each with what to do about it."""

import errno
from collections.abc import Sequence

from chassis.errors import ConfigurationError


class WardenError(Exception):
    """One line that says what is wrong and one that says what to do next.

    ``reason`` is stable and meant for programs.
    """

    reason = "warden-failed"

    def __init__(self, message: str, hint: str = "", *, log: Sequence[str] = ()) -> None:
        """Keep the message and the hint apart: each is shown on its own line, ``log`` below them."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.log = list(log)


class PortInUse(WardenError):
    """A port that a part needs is taken by another process."""

    reason = "port-in-use"


class AlreadyRunning(WardenError):
    """Another warden holds the state folder."""

    reason = "already-running"


class PartFailed(WardenError):
    """A part ended or did not become ready while it was being started."""

    reason = "part-failed"


class RootRefused(WardenError):
    """PostgreSQL cannot run as root here and neither way around it is permitted."""

    reason = "root-refused"


class DiskFull(WardenError):
    """The file system of the state folder has no room left."""

    reason = "disk-full"


class SettingsRefused(WardenError):
    """An option or a configuration file asks for something that cannot be."""

    reason = "settings-refused"


class SystemRefused(WardenError):
    """The operating system refused something, such as a file that is not ours to read."""

    reason = "system-refused"


class NotSupervised(WardenError):
    """No warden answers on the control socket."""

    reason = "not-supervised"


class ControlRefused(WardenError):
    """A running warden did not do what it was asked; ``reason`` is its own."""

    def __init__(self, reason: str, message: str, hint: str = "") -> None:
        """``reason`` is stable and meant for programs."""
        super().__init__(message, hint)
        self.reason = reason


class Defect(WardenError):
    """An error nobody foresaw."""

    reason = "defect"


def as_warden_error(error: BaseException) -> WardenError:
    """The error that a person is to read: the first of a group, or one made from what the system said."""
    if isinstance(error, BaseExceptionGroup):
        known = [as_warden_error(one) for one in error.exceptions]
        return min(known, key=lambda one: isinstance(one, Defect))
    if isinstance(error, WardenError):
        return error
    if isinstance(error, OSError):
        return _from_system(error)
    if isinstance(error, ConfigurationError):
        return SettingsRefused(f"{error.subject} {error.problem}", error.fix)
    return Defect(f"{type(error).__name__}: {error}", "this is a defect; logs/warden.log in the state folder has more")


def _from_system(error: OSError) -> WardenError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(f"no space left on the disk ({error.filename or 'state folder'})", "free some, then try again")
    words = f"{error.filename}: {error.strerror}" if error.filename else str(error) or type(error).__name__
    return SystemRefused(words, "correct that, then try again")
