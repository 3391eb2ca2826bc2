"""Where the console finds what it shows, from environment variables. Frozen, passed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from chassis.environment import Environment
from chassis.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsoleSettings:
    """All of it may be absent: the page concerned then says what is missing.

    Attributes:
        services: folder whose subfolders hold the `service.toml` of each service.
        platform: the same for the parts they stand on.
        parts: the supervisor's record of the processes that run, JSON.
        dashboards: folder of Grafana dashboards, a folder below for each owner.
        runbooks: folder of Markdown files.
        journal: what the supervisor saw and decided, a JSON document a line.
        verdicts: folder of the verdicts on chaos experiments, a JSON document each.
        prometheus: address of Prometheus.
        prometheus_status: what the supervisor says of Prometheus, JSON.
    """

    services: Path | None = None
    platform: Path | None = None
    parts: Path | None = None
    dashboards: Path | None = None
    runbooks: Path | None = None
    journal: Path | None = None
    verdicts: Path | None = None
    prometheus: str | None = None
    prometheus_status: Path | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; raises ConfigurationError naming the variable and the fix."""
        env = Environment(environ)

        def path(name: str) -> Path | None:
            value = env.optional(name)
            return Path(value) if value else None

        return cls(
            services=path("LENS_SERVICES"),
            platform=path("LENS_PLATFORM"),
            parts=path("LENS_PARTS"),
            dashboards=path("LENS_DASHBOARDS"),
            runbooks=path("LENS_RUNBOOKS"),
            journal=path("LENS_JOURNAL"),
            verdicts=path("LENS_VERDICTS"),
            prometheus=_url(env, "LENS_PROMETHEUS_URL"),
            prometheus_status=path("LENS_PROMETHEUS_STATUS"),
        )


def _url(env: Environment, name: str) -> str | None:
    value = env.optional(name)
    if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
        raise ConfigurationError(name, f"is {value!r}", "set a URL like http://127.0.0.1:7702")
    return value.rstrip("/") if value else None
