"""What is to run: every part of the system, from the manifests, the ports and the number of replicas."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice

from warden.catalog import Service, read_service, read_services
from warden.environment import Surroundings
from warden.errors import SettingsRefused
from warden.infrastructure import infrastructure_parts
from warden.part import Part
from warden.ports import allocate
from warden.probe import probe_of
from warden.record import PartRecord
from warden.release.artefact import released
from warden.release.record import CHECKOUT, Deployment, read_deployments

_SEAM = "chaos.seam"  # ``python -m chaos.seam SERVICE`` runs what ``python -m SERVICE`` does


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
    """Decide what runs where; replicas that run already keep their names and ports.

    Of a rollout under way stays what it goes on with: a release on trial is started anew.

    Raises:
        SettingsRefused: replicas were asked for a service that is not there.
        ReleaseUnknown: a deployed release is gone.
        ReleaseDamaged: a deployed release is not what was built.
        ConfigurationError: a manifest is wrong.
        PortInUse: not enough free ports.
    """
    code = {service.name: service for service in read_services(surroundings.root)}
    deployments = read_deployments(surroundings.state)
    deployed = {name: deployments.get(name, Deployment()) for name in code}
    services = {name: service_of(surroundings, one, deployed[name].current) for name, one in code.items()}
    unknown = sorted(set(replicas) - set(services))
    if unknown:
        names = ", ".join(services)
        raise SettingsRefused(f"--replicas: there is no service {unknown[0]}", f"the services are: {names}")
    edge_folder = surroundings.root / "platform" / "edge"
    edge = read_service(edge_folder) if (edge_folder / "service.toml").exists() else None
    wanted = []
    for name, service in services.items():
        of_it = [record for record in running.values() if record.part == name]
        for instance, release in _instances(name, replicas.get(name, 1), deployed[name], of_it):
            same = release == service.release
            wanted.append((service if same else service_of(surroundings, code[name], release), instance))
    taken = {instance: running[instance].port for _, instance in wanted if instance in running}
    fresh = iter(allocate(surroundings.ports.for_replicas(), taken.values(), len(wanted) - len(taken)))
    return Plan(
        services=tuple(services.values()),
        edge=edge,
        infrastructure=tuple(infrastructure_parts(surroundings, tuple(services.values()))),
        replicas=tuple(replica_part(surroundings, *one, taken.get(one[1]) or next(fresh)) for one in wanted),
        front=(replica_part(surroundings, edge, "edge", surroundings.ports.of("edge")),) if edge else (),
    )


def service_of(surroundings: Surroundings, code: Service, release: str) -> Service:
    """The checkout's code of a service, or a release of it.

    Raises:
        ReleaseUnknown: it was not built.
        ReleaseDamaged: it is not what was built.
    """
    return code if release == CHECKOUT else released(surroundings.state, code.name, release)


def fresh_names(service: str, taken: Collection[str]) -> Iterator[str]:
    """Names for further replicas: ``orders-2`` beside ``orders-1``."""
    return (name for number in count(1) if (name := f"{service}-{number}") not in taken)


def _instances(name: str, wanted: int, deployment: Deployment, running: list[PartRecord]) -> list[tuple[str, str]]:
    """The replicas that a service is to have, each with its release: of those that run what fits, then new ones."""
    current, rollout = deployment.current, deployment.rollout
    replacing = rollout.target if rollout and rollout.phase == "replacing" else current
    kept = [(record.instance, record.release) for record in running if record.release in {current, replacing}]
    if not rollout:
        kept = kept[:wanted]
    missing = islice(fresh_names(name, {record.instance for record in running}), max(0, wanted - len(kept)))
    return kept + [(instance, current) for instance in missing]


def _command(surroundings: Surroundings, service: Service) -> tuple[str, ...]:
    """A release has an environment of its own, in which there is no seam."""
    seam = (_SEAM,) if surroundings.chaos and service.release == CHECKOUT else ()
    return (service.python, "-m", *seam, service.name)


def replica_part(surroundings: Surroundings, service: Service, instance: str, port: int) -> Part:
    """A replica of a service, as it is to be run."""
    return Part(
        name=service.name,
        instance=instance,
        command=_command(surroundings, service),
        environment=surroundings.of_service(service, instance, port),
        folder=surroundings.root,
        port=port,
        probe=probe_of(service.name, port),
        version=service.version,
        release=service.release,
        discovered=True,
        stop_seconds=8.0,
    )
