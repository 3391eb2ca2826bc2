"""Readiness as metrics, for those who watch many replicas at once."""

from collections.abc import Mapping

from prometheus_client import Gauge

from chassis.health.checks import CheckResult
from chassis.telemetry import names

_STATUS = Gauge(
    names.METRIC_HEALTH_CHECK_STATUS, "Result of each readiness check: 1 ok, 0 failing.", ("health_check_name",)
)
_READY = Gauge(names.METRIC_HEALTH_READY, "Whether the replica is ready: 1 or 0.")


def show_health(results: Mapping[str, CheckResult], *, ready: bool) -> None:
    """Let the metrics say what the checks found."""
    _STATUS.clear()
    for name, result in results.items():
        _STATUS.labels(name).set(result.status == "ok")
    _READY.set(ready)
