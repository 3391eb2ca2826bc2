"""What the notifications process is told at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from chassis.environment import Environment
from chassis.errors import ConfigurationError
from chassis.settings import ChassisSettings

SENDER = "Pharos <no-reply@pharos.example>"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Times are in seconds.

    Attributes:
        smtp_host: the mail server.
        smtp_port: where it listens.
        sender: the From of every message.
        smtp_timeout: for each exchange with the mail server.
        lease: a message whose sender was silent for this long is taken over.
        poll: between two looks for messages that are due; a new one is seen at once.
        batch: messages taken at a time, and sent over one connection.
    """

    chassis: ChassisSettings
    smtp_host: str
    smtp_port: int
    sender: str = SENDER
    smtp_timeout: float = 5.0
    lease: float = 60.0
    poll: float = 1.0
    batch: int = 20

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables.

        Raises:
            ConfigurationError: naming the variable and the fix.
        """
        env = Environment(environ)
        host, port = _smtp_address(env.text("PHAROS_SMTP_URL"))
        return cls(
            chassis=ChassisSettings.from_environ(environ),
            smtp_host=host,
            smtp_port=port,
            sender=env.text("NOTIFICATIONS_SENDER", SENDER),
            smtp_timeout=env.seconds("NOTIFICATIONS_SMTP_TIMEOUT", cls.smtp_timeout, minimum=0.1, maximum=60),
            lease=env.seconds("NOTIFICATIONS_LEASE", cls.lease, minimum=1, maximum=3600),
            poll=env.seconds("NOTIFICATIONS_POLL", cls.poll, minimum=0.05, maximum=60),
            batch=env.integer("NOTIFICATIONS_BATCH", cls.batch, minimum=1, maximum=500),
        )


def _smtp_address(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 25
    except ValueError:
        host, port = None, 0
    if host is None or parts.scheme != "smtp":
        raise ConfigurationError("PHAROS_SMTP_URL", f"is {url!r}", "set a URL like smtp://HOST:PORT")
    return host, port
