"""What warden in a container is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Self

import msgspec

from chassis.environment import Environment
from chassis.errors import ConfigurationError
from chassis.telemetry.settings import TelemetrySettings
from warden.decide.figures import Figures
from warden.docker.engine import Engine
from warden.layout import StateFolder
from warden.release.analysis import Rule

STATE = StateFolder(Path("/var/lib/pharos"))
"""Where it keeps its journal, what it remembers, and its socket: a volume."""

FIGURES = {"liveness_timeout": 2.0, "startup_grace": 60.0}
"""What differs from embedded mode: containers share the processors by weight, so that one with much to do may answer
late while others, warden among them, do not. The images have as long for their start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where everything of this warden is.

    Attributes:
        port: of its health and its metrics, and of what Alertmanager tells it.
        telemetry: who it is, and where its spans and lines go.
        figures: when something is a fault.
        rule: what a new release is judged by.
        state: what it keeps.
        root: the folder that has services/*/service.toml.
        engine: the proxy of the engine's socket.
        alertmanager: who is told of alerts.
    """

    port: int
    telemetry: TelemetrySettings
    figures: Figures = field(default_factory=lambda: msgspec.convert(FIGURES, Figures))
    rule: Rule = field(default_factory=Rule)
    state: StateFolder = field(default_factory=lambda: STATE)
    root: Path = Path("/etc/pharos")
    engine: Engine = field(default_factory=Engine)
    alertmanager: tuple[str, int] = ("alertmanager", 9093)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """From the variables that services have too, and what config.toml says otherwise, as JSON: ``PHAROS_RECOVERY``
        and ``PHAROS_RELEASE``.

        Raises:
            ConfigurationError: naming the variable, and the fix.
        """
        env = Environment(environ)
        telemetry = TelemetrySettings(
            service="warden",
            instance="warden-1",
            version=metadata.version("pharos-warden"),
            environment=env.text("PHAROS_ENVIRONMENT", "local"),
            endpoint=env.optional("OTEL_EXPORTER_OTLP_ENDPOINT"),
            log_level=env.text("PHAROS_LOG_LEVEL", "INFO"),
        )
        return cls(port=env.integer("PHAROS_PORT"), telemetry=telemetry, figures=_figures(env), rule=_rule(env))


def _rule(env: Environment) -> Rule:
    try:
        return msgspec.json.decode(env.text("PHAROS_RELEASE", "{}"), type=Rule)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(
            "PHAROS_RELEASE", f"is no table of figures: {error}", "correct [release] in config.toml"
        ) from None


def _figures(env: Environment) -> Figures:
    try:
        said = msgspec.json.decode(env.text("PHAROS_RECOVERY", "{}"), type=dict[str, Any])
        return msgspec.convert(FIGURES | said, Figures)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(
            "PHAROS_RECOVERY", f"is no table of figures: {error}", "correct [recovery] in config.toml"
        ) from None
