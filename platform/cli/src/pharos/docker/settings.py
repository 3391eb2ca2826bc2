"""What ``compose.yaml`` is told about one system: ports, secrets, retention; as a file that people can use too."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from pharos.docker.socket import EngineSocket
from warden.config import Config
from warden.decide.figures import Figures
from warden.errors import SettingsRefused
from warden.layout import Ports
from warden.release.analysis import Rule

_LEAST_LOG_HOURS = 24  # Loki keeps an index a day and deletes no part of one
_PASSED_ON = ("PHAROS_TAG", "PHAROS_LOG_LEVEL")


class Published(NamedTuple):
    """A part that is reached from this machine over HTTP."""

    port: str  # its name among the ports
    ready: str  # the path that answers 200 when it is ready


PUBLISHED: Mapping[str, Published] = {
    "edge": Published("edge", "/health/ready"),
    "prometheus": Published("prometheus", "/-/ready"),
    "nats": Published("nats-monitoring", "/healthz"),
    "jaeger": Published("jaeger", "/api/services"),
    "grafana": Published("grafana", "/api/health"),
    "loki": Published("loki", "/ready"),
    "alertmanager": Published("alertmanager", "/-/ready"),
    "collector": Published("collector-health", "/"),
    "toxiproxy": Published("toxiproxy", "/version"),
}


class Reader(NamedTuple):
    """Whom the containers that read secrets run as, and the mode of the files."""

    uid: int
    gid: int
    mode: int


POSTGRES = 999
"""The user of PostgreSQL's image."""


def reader(uid: int, gid: int, *, remapped: bool) -> Reader:
    """Who can read files that are the user's own.

    As root it is PostgreSQL's user, to whom the files are given. Where the engine maps users to others, no number fits:
    the files are open then, in a folder that is not.
    """
    if remapped:
        return Reader(POSTGRES, POSTGRES, 0o644)
    if uid == 0:
        return Reader(POSTGRES, POSTGRES, 0o600)
    return Reader(uid, gid, 0o600)


def variables(
    ports: Ports,
    secrets: Path,
    who: Reader,
    engine: EngineSocket,
    config: Config,
    *,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """The variables of ``compose.yaml``.

    Raises:
        SettingsRefused: a retention that a backend cannot keep to.
    """
    found = {_variable(one.port): str(ports.of(one.port)) for one in PUBLISHED.values()}
    found |= {"PHAROS_SECRETS": str(secrets), "PHAROS_UID": str(who.uid), "PHAROS_GID": str(who.gid)}
    retention = config.retention
    found |= {"PHAROS_RECOVERY": _said(config.recovery, Figures()), "PHAROS_RELEASE": _said(config.release, Rule())}
    found |= {"PHAROS_DOCKER_SOCKET": engine.path, "PHAROS_DOCKER_GROUP": str(engine.group)}
    for name, value in (("TRACES", retention.traces), ("LOGS", retention.logs), ("METRICS", retention.metrics)):
        if value is not None:
            found[f"PHAROS_{name}_RETENTION"] = f"{_hours(value)}h"
    if retention.logs is not None and _hours(retention.logs) < _LEAST_LOG_HOURS:
        raise SettingsRefused(f"retention.logs is {retention.logs}, less than Loki can", "a day is the least: 24h")
    if retention.metrics_size is not None:
        found["PHAROS_METRICS_RETENTION_SIZE"] = retention.metrics_size
    return found | {name: environ[name] for name in _PASSED_ON if name in environ}


def file_of(found: Mapping[str, str]) -> str:
    """The variables as an environment file of compose."""
    lines = [f"{name}='{value.replace(chr(39), chr(92) + chr(39))}'\n" for name, value in found.items()]
    return "# Written by ./just up --docker: the variables of compose.yaml.\n" + "".join(lines)


def overrides(environment: Mapping[str, Mapping[str, str]], parts: Collection[str]) -> dict[str, Any]:
    """A compose file with the variables that the user's settings give to single parts."""
    return {
        "services": {
            part: {"environment": {name: value.replace("$", "$$") for name, value in found.items()}}
            for part, found in environment.items()
            if part in parts
        }
    }


def _said(figures: msgspec.Struct, defaults: msgspec.Struct) -> str:
    """What the user's settings say otherwise than the defaults, as JSON: containers have some of their own."""
    usual = msgspec.structs.asdict(defaults)
    said = {name: value for name, value in msgspec.structs.asdict(figures).items() if value != usual[name]}
    return msgspec.json.encode(said).decode()


def _variable(port: str) -> str:
    return f"PHAROS_{port.upper().replace('-', '_')}_PORT"


def _hours(duration: str) -> int:
    number = int(duration[:-1])
    return number * 24 if duration.endswith("d") else number
