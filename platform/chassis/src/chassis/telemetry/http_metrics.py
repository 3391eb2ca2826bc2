"""Metrics of the requests served.

Recorded on the event loop only, so without the locks and lookups of prometheus-client's own instruments, which would
cost more than anything else about a small request; read by it like any other collector.
"""

import time
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from prometheus_client import REGISTRY
from prometheus_client.core import Exemplar, GaugeMetricFamily, HistogramMetricFamily, Metric

from chassis.telemetry import names
from chassis.telemetry.span import Span

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Upper bounds in seconds, as the OpenTelemetry HTTP conventions advise for `http.server.request.duration`."""

_LABELS: Final = ("http_request_method", "http_route", "http_response_status_code")


class RouteDuration:
    """The durations of one method, route template and status."""

    __slots__ = ("counts", "exemplars", "labels", "total")

    def __init__(self, labels: tuple[str, str, str]) -> None:
        """Nothing observed yet."""
        self.labels = labels
        self.total = 0.0
        self.counts = [0] * (len(BUCKETS) + 1)
        self.exemplars: list[tuple[str, str, float, float] | None] = [None] * (len(BUCKETS) + 1)

    def observe(self, seconds: float, span: Span | None) -> None:
        """Count one request; its span becomes the bucket's exemplar."""
        bucket = bisect_left(BUCKETS, seconds)
        self.counts[bucket] += 1
        self.total += seconds
        if span is not None:
            self.exemplars[bucket] = (span.trace_id, span.span_id, seconds, time.time())

    def buckets(self) -> Iterator[tuple[str, float] | tuple[str, float, Exemplar]]:
        """Upper bound, cumulative count and, where there is one, exemplar of every bucket."""
        below = 0
        for index, count in enumerate(self.counts):
            below += count
            last = self.exemplars[index]
            bound = str(BUCKETS[index]) if index < len(BUCKETS) else "+Inf"
            if last is None:
                yield bound, below
            else:
                trace_id, span_id, seconds, at = last
                yield bound, below, Exemplar({"trace_id": trace_id, "span_id": span_id}, seconds, at)


class HttpServerMetrics:
    """The collector that `/metrics` reads."""

    def __init__(self) -> None:
        """Nothing served yet."""
        self.active = 0
        self._durations: dict[tuple[str, str, str], RouteDuration] = {}

    def duration(self, method: str, route: str, status: int) -> RouteDuration:
        """The durations of one kind of request, the same object for the same labels."""
        labels = (method, route, str(status))
        found = self._durations.get(labels)
        if found is None:
            found = self._durations[labels] = RouteDuration(labels)
        return found

    def collect(self) -> Iterator[Metric]:
        """The histogram and the gauge as they stand."""
        family = HistogramMetricFamily(
            names.METRIC_HTTP_SERVER_REQUEST_DURATION,
            "Time from a request's arrival to the end of its answer.",
            labels=_LABELS,
        )
        for duration in list(self._durations.values()):
            family.add_metric(duration.labels, list(duration.buckets()), duration.total)
        active = GaugeMetricFamily(names.METRIC_HTTP_SERVER_ACTIVE_REQUESTS, "Requests being served.")
        active.add_metric([], self.active)
        yield from (family, active)


HTTP_SERVER: Final = HttpServerMetrics()
REGISTRY.register(HTTP_SERVER)
