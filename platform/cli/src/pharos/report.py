"""The answer of ``up --json`` and ``status --json``; docs/cli.md describes it."""

from typing import Literal

import msgspec

Health = Literal["ok", "failing", "down", "absent"]
"""Ready; running but not ready; not running; left out on purpose."""
_SEVERITY: list[Health] = ["absent", "ok", "failing", "down"]


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


def part_report(name: str, version: str, instances: list[InstanceReport], *, detailed: bool) -> ServiceReport:
    """One part from its processes; without any it was left out."""
    summary = ServiceReport(
        name=name,
        version=version,
        replicas=len(instances),
        health=max((one.health for one in instances), key=_SEVERITY.index, default="absent"),
    )
    return DetailedServiceReport(**msgspec.structs.asdict(summary), instances=instances) if detailed else summary
