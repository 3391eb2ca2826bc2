"""How the running system is: every process that should be there, asked directly, so that it works without a warden."""

import asyncio

from pharos.docker.system import DockerSystem
from pharos.report import Health, InstanceReport, SystemReport, part_report
from pharos.state import EmbeddedSystem, System
from warden.probe import probe_of
from warden.record import PartRecord, read_parts

_SCHEMES = {"postgres": "postgresql", "nats": "nats", "mail": "smtp"}


def survey(system: System, *, detailed: bool) -> SystemReport:
    """Ask every process how it is; ``seconds`` is what the start took.

    Raises:
        NotRunning: no container runs.
        DockerError: the engine does not answer.
    """
    if isinstance(system, DockerSystem):
        from pharos.docker.survey import survey_containers  # noqa: PLC0415 - in Docker mode only

        return survey_containers(system, detailed=detailed)
    return _survey_processes(system, detailed=detailed)


def _survey_processes(system: EmbeddedSystem, *, detailed: bool) -> SystemReport:
    records = read_parts(system.folder)
    healths = asyncio.run(_ask_all(records))
    parts: dict[str, list[tuple[PartRecord, Health]]] = {}
    for record, health in zip(records, healths, strict=True):
        parts.setdefault(record.part, []).append((record, health))
    services = [
        part_report(name, found[0][0].version, [_instance(*one) for one in found], detailed=detailed)
        for name, found in parts.items()
    ]
    return SystemReport(
        mode=system.record.mode,
        ready=system.record.ready and bool(services) and all(service.health == "ok" for service in services),
        seconds=system.record.seconds,
        endpoints={name: _address(found[0][0]) for name, found in parts.items()},
        services=services,
    )


def _instance(record: PartRecord, health: Health) -> InstanceReport:
    return InstanceReport(
        instance=record.instance, pid=record.pid, port=record.port, restarts=record.restarts, health=health
    )


async def _ask_all(records: list[PartRecord]) -> list[Health]:
    return list(await asyncio.gather(*map(_ask, records)))


async def _ask(record: PartRecord) -> Health:
    if not record.alive:
        return "down"
    return "failing" if await probe_of(record.part, record.port)() else "ok"


def _address(record: PartRecord) -> str:
    scheme = _SCHEMES.get(record.part, "http")
    return f"{scheme}://127.0.0.1:{record.port}"
