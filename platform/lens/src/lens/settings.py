"""What lens and its mail sink are told at start, from environment variables. Frozen, passed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from chassis.environment import Environment
from chassis.errors import ConfigurationError

DATABASE = "telemetry.sqlite3"
MEBIBYTE = 1024 * 1024
_LARGEST_BYTES = 2**50


@dataclass(frozen=True, kw_only=True, slots=True)
class LensSettings:
    """The store's place and bounds.

    Attributes:
        data: the folder of the database; made when absent.
        mail: the maildir that the mail sink fills.
        retention_hours: records that arrived longer ago are removed.
        max_bytes: the oldest records are removed before the database grows beyond.
        max_request_bytes: a larger OTLP request, before or after inflating, is answered 413.
        queue_records: spans and log lines that may wait to be written before senders are told to come back.
        query_seconds: a read that takes longer is answered 503.
    """

    data: Path
    mail: Path
    retention_hours: int = 72
    max_bytes: int = 2048 * MEBIBYTE
    max_request_bytes: int = 16 * MEBIBYTE
    queue_records: int = 50_000
    query_seconds: float = 10.0

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data / DATABASE

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; raises ConfigurationError naming the variable and the fix."""
        env = Environment(environ)
        data = Path(env.text("LENS_DATA"))
        return cls(
            data=data,
            mail=Path(env.text("LENS_MAIL_DATA", str(data.parent / "mail"))),
            retention_hours=env.integer("LENS_RETENTION_HOURS", 72, minimum=1, maximum=87_600),
            max_bytes=env.integer("LENS_MAX_BYTES", 2048 * MEBIBYTE, minimum=8 * MEBIBYTE, maximum=_LARGEST_BYTES),
            max_request_bytes=env.integer(
                "LENS_MAX_REQUEST_BYTES", 16 * MEBIBYTE, minimum=65_536, maximum=512 * MEBIBYTE
            ),
            queue_records=env.integer("LENS_QUEUE_RECORDS", 50_000, minimum=1_000, maximum=10_000_000),
            query_seconds=env.seconds("LENS_QUERY_SECONDS", 10.0, minimum=0.1, maximum=300.0),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class MailSettings:
    """Where the mail sink listens and keeps what it receives.

    It takes mail from anyone who reaches it, so it listens on loopback only; `LENS_MAIL_EXPOSED=true` lets it listen on
    any address, for a container whose network only its own services are in.

    Attributes:
        folder: the maildir; made when absent.
        max_message_bytes: a larger message is refused with 552.
        max_messages: the oldest messages are removed beyond.
    """

    folder: Path
    host: str
    port: int
    max_message_bytes: int = 10 * MEBIBYTE
    max_messages: int = 10_000

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; raises ConfigurationError naming the variable and the fix."""
        env = Environment(environ)
        host = env.text("PHAROS_HOST", "127.0.0.1")
        if not env.boolean("LENS_MAIL_EXPOSED"):
            require_loopback(host)
        return cls(
            folder=Path(env.text("LENS_MAIL_DATA")),
            host=host,
            port=env.integer("PHAROS_PORT", minimum=0, maximum=65_535),
            max_message_bytes=env.integer("LENS_MAIL_MAX_BYTES", 10 * MEBIBYTE, minimum=1_024, maximum=100 * MEBIBYTE),
            max_messages=env.integer("LENS_MAIL_MAX_MESSAGES", 10_000, minimum=1, maximum=1_000_000),
        )


def require_loopback(host: str) -> None:
    """Raise ConfigurationError unless the address is this machine's own: lens asks nobody who they are."""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise ConfigurationError("PHAROS_HOST", f"is {host!r}", "set a loopback address such as 127.0.0.1")
