"""How the running system is: every process that should be there, asked directly, so that it works without a warden."""

import asyncio
from typing import Literal

import msgspec

from pharos.state import System
from warden.probe import probe_of
from warden.record import PartRecord, read_parts

Health = Literal["ok", "failing", "down"]
_SEVERITY: list[Health] = ["ok", "failing", "down"]
_SCHEMES = {"postgres": "postgresql", "nats": "nats", "mail": "smtp"}


class InstanceReport(msgspec.Struct, frozen=True, kw_only=True):
    """One process."""

    instance: str
    pid: int
    port: int
    restarts: int
    health: Health


class ServiceReport(msgspec.Struct, frozen=True, kw_only=True):
    """One part and how many replicas of it should run."""

    name: str
    version: str
    replicas: int
    health: Health


class DetailedServiceReport(ServiceReport, frozen=True, kw_only=True):
    """One part with each of its processes."""

    instances: list[InstanceReport]


class SystemReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``up --json`` and ``status --json``."""

    mode: str
    ready: bool
    seconds: float | None
    endpoints: dict[str, str]
    services: list[ServiceReport]


def survey(system: System, *, detailed: bool) -> SystemReport:
    """Ask every process how it is; ``seconds`` is what the start took."""
    records = read_parts(system.folder)
    healths = asyncio.run(_ask_all(records))
    parts: dict[str, list[tuple[PartRecord, Health]]] = {}
    for record, health in zip(records, healths, strict=True):
        parts.setdefault(record.part, []).append((record, health))
    services = [_report(name, found, detailed=detailed) for name, found in parts.items()]
    return SystemReport(
        mode=system.record.mode,
        ready=system.record.ready and bool(services) and all(service.health == "ok" for service in services),
        seconds=system.record.seconds,
        endpoints={name: _address(found[0][0]) for name, found in parts.items()},
        services=services,
    )


def _report(name: str, found: list[tuple[PartRecord, Health]], *, detailed: bool) -> ServiceReport:
    healths = [health for _, health in found]
    summary = ServiceReport(
        name=name,
        version=found[0][0].version,
        replicas=len(found),
        health=max(healths, key=_SEVERITY.index),
    )
    if not detailed:
        return summary
    instances = [
        InstanceReport(
            instance=record.instance, pid=record.pid, port=record.port, restarts=record.restarts, health=health
        )
        for record, health in found
    ]
    return DetailedServiceReport(**msgspec.structs.asdict(summary), instances=instances)


async def _ask_all(records: list[PartRecord]) -> list[Health]:
    return list(await asyncio.gather(*map(_ask, records)))


async def _ask(record: PartRecord) -> Health:
    if not record.alive:
        return "down"
    return "failing" if await probe_of(record.part, record.port)() else "ok"


def _address(record: PartRecord) -> str:
    scheme = _SCHEMES.get(record.part, "http")
    return f"{scheme}://127.0.0.1:{record.port}"
