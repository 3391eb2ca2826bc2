"""The books of export as metrics, read when asked: recording a span costs nothing for them."""

from collections.abc import Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from chassis.telemetry import names
from chassis.telemetry.pipeline import PIPELINE


class BooksCollector:
    """Produced, delivered, dropped by reason, and queued, per signal."""

    def collect(self) -> Iterator[Metric]:
        """The books as they stand."""
        produced = CounterMetricFamily(names.METRIC_TELEMETRY_ITEMS_PRODUCED, "Items made.", labels=["signal"])
        delivered = CounterMetricFamily(
            names.METRIC_TELEMETRY_ITEMS_DELIVERED, "Items the backend took.", labels=["signal"]
        )
        dropped = CounterMetricFamily(names.METRIC_TELEMETRY_ITEMS_DROPPED, "Items lost.", labels=["signal", "reason"])
        queued = GaugeMetricFamily(names.METRIC_TELEMETRY_ITEMS_QUEUED, "Items waiting.", labels=["signal"])
        held = GaugeMetricFamily(names.METRIC_TELEMETRY_QUEUED, "Bytes waiting.", labels=["signal"])
        for queue in (PIPELINE.traces, PIPELINE.logs):
            produced.add_metric([queue.signal], queue.produced)
            delivered.add_metric([queue.signal], queue.delivered)
            queued.add_metric([queue.signal], queue.queued)
            held.add_metric([queue.signal], queue.queued_bytes)
            for reason, count in queue.dropped.items():
                dropped.add_metric([queue.signal, reason], count)
        lines = CounterMetricFamily(names.METRIC_LOG_LINES_LOST, "Log lines that standard output did not take.")
        lines.add_metric([], PIPELINE.lines.lost if PIPELINE.lines is not None else 0)
        yield from (produced, delivered, dropped, queued, held, lines)


_collector = BooksCollector()


def register() -> None:
    """Make the books part of `/metrics`; repeated calls do nothing."""
    try:
        REGISTRY.register(_collector)
    except ValueError as error:
        if "Duplicated" not in str(error):
            raise
