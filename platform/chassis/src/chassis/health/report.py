"""What `/health/…` answers."""

from typing import Literal

from msgspec import Struct

from chassis.health.checks import CheckResult
from chassis.lifecycle import Lifecycle
from chassis.settings import ChassisSettings

Status = Literal["ok", "failing", "draining"]


class CheckReport(Struct, frozen=True):
    """One check as the document shows it; `age_ms` is how long ago it ran."""

    status: Literal["ok", "failing"]
    detail: str
    age_ms: int


class HealthReport(Struct, frozen=True):
    """The health of one replica."""

    status: Status
    service: str
    instance: str
    version: str
    checks: dict[str, CheckReport]


def report(
    status: Status, settings: ChassisSettings, results: dict[str, CheckResult] | None = None, *, now: float = 0.0
) -> HealthReport:
    """The document for a status and the checks that led to it; `now` is a reading of the monotonic clock."""
    checks = {
        name: CheckReport(result.status, result.detail, max(0, round((now - result.at) * 1000)))
        for name, result in (results or {}).items()
    }
    return HealthReport(status, settings.service, settings.instance, settings.version, checks)


def ready_status(lifecycle: Lifecycle, results: dict[str, CheckResult]) -> Status:
    """Ready means: started, not draining, and every check well."""
    if lifecycle.draining:
        return "draining"
    if lifecycle.started and all(result.status == "ok" for result in results.values()):
        return "ok"
    return "failing"
