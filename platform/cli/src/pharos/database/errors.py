"""What can go wrong with a backup, and what to do about it."""

from pharos.errors import CliError


class NoDatabase(CliError):
    """There is no such service, it has no database, or nothing has made it yet."""

    reason = "no-database"


class ToolFailed(CliError):
    """PostgreSQL's own program, or the migration of the service, failed; the message has its words."""

    reason = "database-tool-failed"


class BackupRefused(CliError):
    """The file cannot be restored here."""

    reason = "backup-refused"


class InUse(CliError):
    """The database is worked with."""

    reason = "database-in-use"


class NotEmpty(CliError):
    """The database holds data that would be replaced."""

    reason = "database-not-empty"
