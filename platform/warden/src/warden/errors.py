"""What can go wrong while the system is started, supervised or stopped, each with what to do about it."""


class WardenError(Exception):
    """One line that says what is wrong and one that says what to do next.

    ``reason`` is stable and meant for programs.
    """

    reason = "warden-failed"

    def __init__(self, message: str, hint: str = "", *, reason: str = "") -> None:
        """Keep the message and the hint apart, so that each can be shown on its own line."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.reason = reason or type(self).reason


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
