"""How a system of containers is: what the engine says of each, and what those that are reached over HTTP answer."""

from collections import Counter

import msgspec

from pharos.docker.containers import Container
from pharos.docker.probes import ask
from pharos.docker.settings import PUBLISHED
from pharos.docker.system import DockerSystem, own_containers
from pharos.docker.warden import restarts_of
from pharos.errors import NotRunning
from pharos.report import Health, InstanceReport, ServiceReport, SystemReport, part_report


def survey_containers(system: DockerSystem, *, detailed: bool) -> SystemReport:
    """Ask the engine and every part; parts that were left out are reported as absent.

    Raises:
        NotRunning: no container of it runs.
        DockerError: the engine does not answer.
    """
    found = own_containers(system.compose)
    if not any(one.alive for one in found):
        raise NotRunning(f"{system.folder.path}, {system.record.project}")
    lacks = ask(system.record.parts, system.ports)
    restarts = restarts_of(system) if detailed else Counter()
    found = [msgspec.structs.replace(one, restarts=one.restarts + restarts[one.instance]) for one in found]
    services = [
        _part(system, part, count, [one for one in found if one.part == part], lacks.get(part), detailed=detailed)
        for part, count in (system.record.parts | dict.fromkeys(system.record.without, 0)).items()
    ]
    return SystemReport(
        mode=system.record.mode,
        ready=system.record.ready and all(service.health in {"ok", "absent"} for service in services),
        seconds=system.record.seconds,
        endpoints={PUBLISHED[part].port: system.url(part) for part in system.record.parts if part in PUBLISHED},
        services=services,
    )


def health_of(container: Container, lacks: str | None) -> Health:
    """How one container is, given what its part lacks by its own account."""
    if container.status not in {"running", "paused"}:
        return "down"
    return "ok" if container.status == "running" and container.health in {"", "healthy"} and not lacks else "failing"


def _part(
    system: DockerSystem, part: str, count: int, found: list[Container], lacks: str | None, *, detailed: bool
) -> ServiceReport:
    prefix = f"{system.record.project}-"
    fixed = system.ports.of(PUBLISHED[part].port) if part in PUBLISHED else 0
    instances = [
        InstanceReport(
            instance=one.name.removeprefix(prefix),
            pid=one.pid,
            port=fixed or one.port,
            restarts=one.restarts,
            health=health_of(one, lacks),
        )
        for one in found[: count or None]
        if count
    ]
    lost = [
        InstanceReport(instance=f"{part}-{number + 1}", pid=0, port=fixed, restarts=0, health="down")
        for number in range(len(instances), count)
    ]
    return part_report(part, system.record.versions.get(part, ""), instances + lost, detailed=detailed)
