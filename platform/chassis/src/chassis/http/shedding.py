"""What shedding tells: the limit and who is inside as metrics, each refusal on its span, and a line in the log."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakSet

from loguru import logger
from prometheus_client import REGISTRY, Counter
from prometheus_client.core import GaugeMetricFamily, Metric

from chassis.resilience.load import Stage
from chassis.resilience.priority import Priority
from chassis.telemetry import names
from chassis.telemetry.current import entry_span

if TYPE_CHECKING:
    from chassis.http.admission import Admission

LINE_EVERY_S = 1.0
"""Thousands of refusals a second are one line a second; each has its access log and its span anyway."""
CAUSES = ("concurrency", "load")

_SHED = Counter(
    names.METRIC_REQUEST_SHED,
    "Requests sent away with 503 and Retry-After.",
    ("request_priority", "request_shed_reason"),
)


class Shedding:
    """The collector of the limiter's gauges, and the one place where a refusal is told."""

    def __init__(self) -> None:
        """Nobody is sent away yet."""
        self._admissions: WeakSet[Admission] = WeakSet()
        self._counters = {
            (priority, cause): _SHED.labels(priority.word, cause) for priority in Priority for cause in CAUSES
        }
        self._untold = 0
        self._told_at = float("-inf")

    def follow(self, admission: "Admission") -> None:
        """Show this gate as long as it exists."""
        self._admissions.add(admission)

    def count(self, priority: Priority, cause: str, retry_after: int, limit: float) -> None:
        """Tell that the running request is sent away."""
        self._counters[priority, cause].inc()
        span = entry_span()
        if span is not None:
            span.attributes[names.ERROR_TYPE] = "overloaded"
            span.add_event(
                names.EVENT_REQUEST_SHED,
                {
                    names.REQUEST_PRIORITY: priority.word,
                    names.REQUEST_SHED_REASON: cause,
                    names.REQUEST_SHED_RETRY_AFTER_S: retry_after,
                    names.REQUEST_LIMITER_LIMIT: limit,
                },
            )
        self._untold += 1
        now = time.monotonic()
        if now - self._told_at < LINE_EVERY_S:
            return
        fields = {
            names.REQUEST_SHED_REASON: cause,
            names.REQUEST_SHED_COUNT: self._untold,
            names.REQUEST_LIMITER_LIMIT: limit,
        }
        logger.bind(**fields).warning("requests are sent away: {} since the last such line", self._untold)
        self._told_at, self._untold = now, 0

    def collect(self) -> Iterator[Metric]:
        """The gauges as they stand; of several gates in one process, together."""
        gates = list(self._admissions)
        limit = GaugeMetricFamily(names.METRIC_REQUEST_LIMITER_LIMIT, "Requests worked on at once, at most.")
        limit.add_metric([], sum(gate.limiter.limit for gate in gates))
        inside = GaugeMetricFamily(
            names.METRIC_REQUEST_LIMITER_IN_FLIGHT, "Requests that have a place.", labels=("request_priority",)
        )
        for priority in Priority:
            inside.add_metric([priority.word], sum(gate.limiter.in_flight[priority] for gate in gates))
        queued = GaugeMetricFamily(names.METRIC_REQUEST_LIMITER_QUEUED, "Requests that wait for a place.")
        queued.add_metric([], sum(gate.limiter.queued for gate in gates))
        stage = GaugeMetricFamily(names.METRIC_REQUEST_LOAD_STAGE, "0 calm, 1 only user-facing requests, 2 none.")
        stage.add_metric([], max((gate.load.stage for gate in gates), default=0))
        yield from (limit, inside, queued, stage)


def tell_stage(stage: Stage) -> None:
    """Tell that the load of the process entered another stage."""
    word = stage.name.lower()
    bound = logger.bind(**{names.REQUEST_LOAD_STAGE: word})
    if stage is Stage.CALM:
        bound.info("load is calm: every request is let in again")
    elif stage is Stage.SHED:
        bound.warning("load is high: only user-facing requests are let in")
    else:
        bound.warning("load is too high: no request is let in")


SHEDDING = Shedding()
REGISTRY.register(SHEDDING)
