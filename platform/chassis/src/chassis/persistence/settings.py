"""How a process connects to its own database."""

from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from chassis.environment import Secret
from chassis.errors import ConfigurationError
from chassis.settings import ChassisSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseSettings:
    """Address, credentials and bounds; times are in seconds.

    Attributes:
        service: the service the database belongs to.
        application: what the server shows as the client's name.
        pool_size: connections at most; the first is opened at start, more as they are needed.
        acquire_timeout: wait for a free connection.
        connect_timeout: wait for a new connection.
        statement_timeout: the server cancels a statement after this long.
        idle_timeout: the server ends a transaction in which nothing happens for this long.
    """

    service: str
    host: str
    port: int
    user: str
    database: str
    password: Secret | None = None
    application: str = ""
    pool_size: int = 8
    acquire_timeout: float = 2.0
    connect_timeout: float = 2.0
    statement_timeout: float = 5.0
    idle_timeout: float = 15.0

    @classmethod
    def from_chassis(cls, settings: ChassisSettings) -> Self:
        """The database of the service whose settings these are.

        Raises:
            ConfigurationError: the service has none.
        """
        if settings.database_url is None:
            raise ConfigurationError("PHAROS_DATABASE_URL", "is not set", "set it in the environment of the process")
        return cls.from_url(
            settings.database_url,
            settings.database_password,
            service=settings.service,
            application=settings.instance,
        )

    @classmethod
    def from_url(cls, url: str, password: Secret | None, *, service: str, application: str = "") -> Self:
        """Read `postgresql://USER@HOST:PORT/DATABASE`."""
        parts = urlsplit(url)
        return cls(
            service=service,
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 5432,
            user=unquote(parts.username or service),
            database=unquote(parts.path.lstrip("/")),
            password=password,
            application=application or service,
        )

    def connect_arguments(self) -> dict[str, Any]:
        """The keyword arguments of `asyncpg.connect`."""
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "database": self.database,
            "password": self.password.reveal() if self.password else None,
            "timeout": self.connect_timeout,
            # The server's own limit comes first; this one is for a server that does not answer at all.
            "command_timeout": self.statement_timeout + 1.0,
            "server_settings": {
                "application_name": self.application,
                "statement_timeout": str(int(self.statement_timeout * 1000)),
                "idle_in_transaction_session_timeout": str(int(self.idle_timeout * 1000)),
                "jit": "off",
            },
        }
