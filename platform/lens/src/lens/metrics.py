"""What lens measures of itself. Labels are bound once; the only label is the signal: traces or logs."""

from prometheus_client import Counter, Gauge

from lens.records import Batch

_ingested = Counter("lens_records_ingested", "Spans and log lines committed to the store.", ["signal"])
_rejected = Counter("lens_records_rejected", "Spans and log lines refused as invalid.", ["signal"])
_pruned = Counter("lens_records_pruned", "Spans and log lines removed by age or size.", ["signal"])
refused_requests = Counter("lens_requests_refused", "OTLP requests answered with an error.", ["reason"])
queued = Gauge("lens_queue_records", "Spans and log lines waiting to be written.")
database_bytes = Gauge("lens_database_bytes", "Size of the database file.")

_ingested_spans, _ingested_logs = _ingested.labels("traces"), _ingested.labels("logs")
_pruned_spans, _pruned_logs = _pruned.labels("traces"), _pruned.labels("logs")
rejected = {"traces": _rejected.labels("traces"), "logs": _rejected.labels("logs")}


def count_ingested(batch: Batch) -> None:
    """Count a committed batch."""
    _ingested_spans.inc(len(batch.spans))
    _ingested_logs.inc(len(batch.logs))


def count_pruned(spans: int, logs: int) -> None:
    """Count what one pruning step removed."""
    _pruned_spans.inc(spans)
    _pruned_logs.inc(logs)
