"""What is to run: every part of the system, from the manifests, the ports and the number of replicas."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from warden.catalog import Service, read_service, read_services
from warden.environment import Surroundings
from warden.errors import SettingsRefused
from warden.infrastructure import infrastructure_parts
from warden.part import Part
from warden.ports import allocate
from warden.probe import probe_of
from warden.record import PartRecord


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
        infrastructure=tuple(infrastructure_parts(surroundings, services)),
        replicas=tuple(_replica(surroundings, *one, taken.get(one[1]) or next(fresh)) for one in wanted),
        front=(_replica(surroundings, edge, "edge", surroundings.ports.of("edge")),) if edge else (),
    )


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
