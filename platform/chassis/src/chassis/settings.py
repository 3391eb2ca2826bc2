"""What a process is told at start: its service's manifest and where its neighbours are. Frozen, passed in."""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from chassis.auth.keys import Jwks, public_key_set
from chassis.environment import Environment, Secret
from chassis.errors import ConfigurationError
from chassis.manifest import Manifest, load_manifest

__all__ = ["ChassisSettings", "ConfigurationError", "Environment", "Secret"]

_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")

OPERATOR_KEYS_FILE = "PHAROS_OPERATOR_KEYS_FILE"
LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True, kw_only=True, slots=True)
class ChassisSettings:
    """The settings every process has. Built from the environment by the entry point, or directly by a test.

    Attributes:
        manifest: the service's own `service.toml`.
        instance: the replica's name, unique within the system, such as `orders-1`.
        database_url: without a password; that is `database_password`.
        discovery: how neighbours are found, `file:PATH` or `dns:PORT[,NAME=HOST:PORT…]`; None when it calls nobody.
        signing_key: the service's private Ed25519 key as a JWK.
        operator_keys: the public keys of the operator, who publishes none; None leaves them to discovery.
        otlp_endpoint: where traces and logs go; None keeps them in the process.
        environment: the name of the deployment, such as `local`.
        max_body_bytes: a larger request body is answered 413.
        drain_notice: seconds between readiness going away and the port closing.
        drain_deadline: seconds that requests in flight have to finish once the drain began.
    """

    manifest: Manifest
    instance: str = ""
    version: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    database_url: str | None = None
    database_password: Secret | None = None
    nats_url: str | None = None
    discovery: str | None = None
    signing_key: Secret | None = None
    operator_keys: Jwks | None = None
    otlp_endpoint: str | None = None
    log_level: str = "INFO"
    environment: str = "local"
    max_body_bytes: int = 1_048_576
    drain_notice: float = 0.25
    drain_deadline: float = 4.5

    def __post_init__(self) -> None:
        if not self.instance:
            object.__setattr__(self, "instance", f"{self.manifest.name}-1")
        if not self.version:
            object.__setattr__(self, "version", installed_version(self.manifest.name))

    @property
    def service(self) -> str:
        """The service's name."""
        return self.manifest.name

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables.

        Raises:
            ConfigurationError: naming the variable, or the manifest's key, and the fix.
        """
        env = Environment(environ)
        manifest = load_manifest(env.text("PHAROS_MANIFEST"))
        database_url, database_password = _database(env, manifest)
        return cls(
            manifest=manifest,
            instance=instance_name(env.text("PHAROS_INSTANCE", f"{manifest.name}-1"), socket.gethostname()),
            version=env.optional("PHAROS_VERSION") or "",
            host=env.text("PHAROS_HOST", "127.0.0.1"),
            port=env.integer("PHAROS_PORT", minimum=1, maximum=65_535),
            database_url=database_url,
            database_password=database_password,
            nats_url=_url(env, "PHAROS_NATS_URL", ("nats", "tls"), required=manifest.messaging),
            discovery=_discovery(env, manifest),
            signing_key=_signing_key(env, manifest),
            operator_keys=_operator_keys(env),
            otlp_endpoint=_url(env, "OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https"), required=False),
            log_level=env.choice("PHAROS_LOG_LEVEL", LOG_LEVELS, "INFO"),
            environment=env.text("PHAROS_ENVIRONMENT", "local"),
            max_body_bytes=env.integer("PHAROS_MAX_BODY_BYTES", 1_048_576, minimum=1_024, maximum=1_073_741_824),
            drain_notice=env.seconds("PHAROS_DRAIN_NOTICE", 0.25, maximum=60),
            drain_deadline=env.seconds("PHAROS_DRAIN_DEADLINE", 4.5, maximum=300),
        )


def instance_name(template: str, hostname: str) -> str:
    """The replica's name, with `{hostname}` replaced: containers of one service differ in nothing else.

    Raises:
        ConfigurationError: it has other braces, or is not of letters, digits, dots, hyphens and underscores.
    """
    name = template.replace("{hostname}", hostname)
    if not _INSTANCE.fullmatch(name):
        raise ConfigurationError(
            "PHAROS_INSTANCE",
            f"is {template!r}",
            "set at most 128 letters, digits, dots, hyphens and underscores, and {hostname} where wanted",
        )
    return name


def installed_version(service: str) -> str:
    """The version of the service's installed distribution, `0.0.0` when it is not installed."""
    for distribution in (f"pharos-{service}", service):
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
    return "0.0.0"


def _database(env: Environment, manifest: Manifest) -> tuple[str | None, Secret | None]:
    """The URL without its password, and the password, wherever it stood."""
    if not manifest.database:
        return None, None
    parts = urlsplit(env.text("PHAROS_DATABASE_URL"))
    if parts.scheme not in {"postgresql", "postgres"} or len(parts.path) < 2:
        raise ConfigurationError(
            "PHAROS_DATABASE_URL", "is not a PostgreSQL URL", "write postgresql://ROLE@HOST:PORT/DATABASE"
        )
    password = env.secret("PHAROS_DATABASE_PASSWORD")
    if password is None and parts.password:
        password = Secret(parts.password)
    user, _, address = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}@{address}" if user else address
    return urlunsplit(parts._replace(netloc=netloc)), password


def _url(env: Environment, name: str, schemes: tuple[str, ...], *, required: bool) -> str | None:
    value = env.text(name) if required else env.optional(name)
    if value is not None and (urlsplit(value).scheme not in schemes or not urlsplit(value).hostname):
        raise ConfigurationError(name, f"is {value!r}", f"set a URL like {schemes[0]}://HOST:PORT")
    return value


def _discovery(env: Environment, manifest: Manifest) -> str | None:
    value = env.text("PHAROS_DISCOVERY") if manifest.calls or manifest.callers else env.optional("PHAROS_DISCOVERY")
    if value is not None and not value.startswith(("file:", "dns:")):
        raise ConfigurationError("PHAROS_DISCOVERY", f"is {value!r}", "set file:PATH or dns:PORT")
    return value


def _signing_key(env: Environment, manifest: Manifest) -> Secret | None:
    return env.required_secret("PHAROS_SIGNING_KEY") if manifest.calls else env.secret("PHAROS_SIGNING_KEY")


def _operator_keys(env: Environment) -> Jwks | None:
    text = env.file(OPERATOR_KEYS_FILE)
    return None if text is None else public_key_set(text, source=OPERATOR_KEYS_FILE)
