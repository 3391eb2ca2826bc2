"""What lens measures of itself; labels are bound once."""

from typing import Final

from prometheus_client import Counter, Gauge

from lens import names
from lens.records import Batch

_SIGNALS: Final = ("traces", "logs")
_REASONS: Final = ("malformed", "unsupported-media", "too-large", "busy")

_ingested: Final = Counter(
    names.METRIC_LENS_RECORDS_INGESTED, "Spans and log lines committed to the store.", ["signal"]
)
_rejected: Final = Counter(names.METRIC_LENS_RECORDS_REJECTED, "Spans and log lines refused as invalid.", ["signal"])
_pruned: Final = Counter(names.METRIC_LENS_RECORDS_PRUNED, "Spans and log lines removed by age or size.", ["signal"])
_refused: Final = Counter(names.METRIC_LENS_REQUESTS_REFUSED, "OTLP requests answered with an error.", ["otlp_refusal"])

INGESTED: Final = {signal: _ingested.labels(signal) for signal in _SIGNALS}
REJECTED: Final = {signal: _rejected.labels(signal) for signal in _SIGNALS}
PRUNED: Final = {signal: _pruned.labels(signal) for signal in _SIGNALS}
REFUSED: Final = {reason: _refused.labels(reason) for reason in _REASONS}
QUEUED: Final = Gauge(names.METRIC_LENS_QUEUE_RECORDS, "Spans and log lines waiting to be written.")
DATABASE_BYTES: Final = Gauge(names.METRIC_LENS_DATABASE, "Size of the database file.")


def count_ingested(batch: Batch) -> None:
    """Count a committed batch."""
    INGESTED["traces"].inc(len(batch.spans))
    INGESTED["logs"].inc(len(batch.logs))


def count_pruned(spans: int, logs: int) -> None:
    """Count what one pruning step removed."""
    PRUNED["traces"].inc(spans)
    PRUNED["logs"].inc(logs)
