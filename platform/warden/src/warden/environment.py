"""The environment of a service process: nothing of the user's shell but what a process needs to find its way."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from warden.catalog import Service, read_services
from warden.config import Retention
from warden.errors import SettingsRefused
from warden.layout import Ports, StateFolder
from warden.release.artefact import folder_of
from warden.release.record import CHECKOUT, read_deployments

MARK = "PHAROS_SYSTEM"  # names the state folder in every process we start, so that none can be lost
_PASSED_ON = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE",
    "PYTHONPYCACHEPREFIX", "PHAROS_LOG_LEVEL",
)  # fmt: skip


def prometheus_status(state: StateFolder) -> Path:
    """Whether Prometheus runs and, where it does not, why and how to get it, JSON."""
    return state.data / "prometheus" / "status.json"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every part is told about the system it belongs to."""

    state: StateFolder
    ports: Ports
    root: Path
    overrides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by part, from config.toml
    retention: Retention = field(default_factory=Retention)  # from config.toml
    chaos: bool = False  # replicas run the checkout's code with a seam for faults

    def base(self, part: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
        """What any process of ours gets.

        MALLOC_ARENA_MAX: glibc's arenas, eight per core, hold memory that a process with few threads never uses.
        """
        passed_on = {name: environ[name] for name in _PASSED_ON if name in environ}
        ours = {MARK: str(self.state.path), "MALLOC_ARENA_MAX": "2", "PYTHONSAFEPATH": "1"}
        return {**passed_on, **ours, **self.overrides.get(part, {})}

    def of_service(self, service: Service, instance: str, port: int) -> dict[str, str]:
        """What a replica of a service gets."""
        return {
            "PHAROS_MANIFEST": str(service.manifest_file),
            "PHAROS_INSTANCE": instance,
            "PHAROS_VERSION": service.version,
            "PHAROS_HOST": "127.0.0.1",
            "PHAROS_PORT": str(port),
            "PHAROS_DISCOVERY": f"file:{self.state.endpoints}",
            "PHAROS_ENVIRONMENT": "local",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.ports.url("lens"),
            **self._belongings(service),
            **self._wishes(service),
            **self.base(service.name),
        }

    def _belongings(self, service: Service) -> dict[str, str]:
        name, secrets = service.name, self.state.secrets
        variables = {"PHAROS_SIGNING_KEY_FILE": str(secrets / f"key-{name}.jwk")}
        if service.manifest.messaging:
            variables["PHAROS_NATS_URL"] = f"nats://127.0.0.1:{self.ports.of('nats')}"
        if service.manifest.database:
            variables["PHAROS_DATABASE_URL"] = f"postgresql://{name}@127.0.0.1:{self.ports.of('postgres')}/{name}"
            variables["PHAROS_DATABASE_PASSWORD_FILE"] = str(secrets / f"db-{name}")
        return variables

    def _manifests(self) -> str:
        """The ``service.toml`` of what serves: a folder of them, or a list, where releases are deployed."""
        deployments = read_deployments(self.state)
        current = {name: one.current for name, one in deployments.items() if one.current != CHECKOUT}
        if not current:
            return str(self.root / "services")
        code = {one.name: one.folder for one in read_services(self.root)}
        released = {name: folder_of(self.state, name, version) for name, version in current.items() if name in code}
        return ",".join(str(folder / "service.toml") for folder in (code | released).values())

    def _wishes(self, service: Service) -> dict[str, str]:
        """The manifest's own variables, their placeholders filled."""
        known = {
            "secrets": str(self.state.secrets),
            "smtp_url": f"smtp://127.0.0.1:{self.ports.of('smtp')}",
            "data": str(self.state.data / service.name),
            "edge_url": self.ports.url("edge"),
            "root": str(self.root),
            "services": str(self.root / "services"),
            "manifests": self._manifests(),
            "parts": str(self.state.parts),
            "journal": str(self.state.journal),
            "verdicts": str(self.state.verdicts),
            "prometheus_url": self.ports.url("prometheus"),
            "prometheus_status": str(prometheus_status(self.state)),
        }
        filled = {}
        for variable, template in service.manifest.environment.items():
            try:
                filled[variable] = template.format_map(known)
            except (KeyError, ValueError, IndexError):
                raise SettingsRefused(
                    f"{service.manifest_file}: environment.{variable} has an unknown placeholder: {template}",
                    f"known are: {', '.join(f'{{{name}}}' for name in known)}",
                ) from None
        return filled
