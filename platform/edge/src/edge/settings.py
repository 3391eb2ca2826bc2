"""The edge's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chassis.environment import Environment
from chassis.errors import ConfigurationError
from chassis.manifest import Manifest, load_manifest
from chassis.settings import ChassisSettings
from edge.private import PRIVATE, Network, networks_of


@dataclass(frozen=True, kw_only=True, slots=True)
class EdgeSettings:
    """Times are in seconds, sizes in bytes.

    Attributes:
        chassis: what every process has.
        services: whose routes are public.
        timeout: for a whole request; ours is the first deadline it gets.
        read_attempt_timeout: after which a read is tried at another replica.
        max_body_bytes: of a request; it is held in memory so that it can be repeated.
        allow_origins: whose pages may call from a browser (CORS); nobody's unless set.
        operators: the networks from which the edge's own metrics and schema can be read.
    """

    chassis: ChassisSettings
    services: tuple[Manifest, ...]
    timeout: float = 5.0
    read_attempt_timeout: float = 2.0
    max_body_bytes: int = 1024 * 1024
    allow_origins: tuple[str, ...] = ()
    operators: tuple[Network, ...] = PRIVATE

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables.

        Raises:
            ConfigurationError: naming the variable, or the manifest's key, and the fix.
        """
        env = Environment(environ)
        chassis = ChassisSettings.from_environ(environ)
        if chassis.discovery is None:
            raise ConfigurationError("PHAROS_DISCOVERY", "is not set", "set file:PATH or dns:PORT")
        origins, operators = env.text("EDGE_ALLOW_ORIGINS", ""), env.text("EDGE_OPERATORS", "")
        return cls(
            chassis=chassis,
            services=find_manifests(env.text("PHAROS_MANIFESTS")),
            timeout=env.seconds("EDGE_TIMEOUT", 5.0, maximum=60),
            max_body_bytes=chassis.max_body_bytes,
            allow_origins=tuple(origin.strip() for origin in origins.split(",") if origin.strip()),
            operators=networks_of(operators) or PRIVATE,
        )


def find_manifests(value: str) -> tuple[Manifest, ...]:
    """The manifests that a setting names: a folder of services, or a comma-separated list of ``service.toml``.

    Raises:
        ConfigurationError: there are none, or one cannot be read.
    """
    paths = [Path(part.strip()) for part in value.split(",") if part.strip()]
    if len(paths) == 1 and paths[0].is_dir():
        paths = sorted(paths[0].glob("*/service.toml"))
    if not paths:
        raise ConfigurationError(
            "PHAROS_MANIFESTS", f"names no service.toml: {value!r}", "give a folder of services or a list of files"
        )
    return tuple(load_manifest(path) for path in paths)
