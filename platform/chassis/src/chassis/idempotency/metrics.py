"""What Idempotency-Keys led to."""

from prometheus_client import Counter

from chassis.telemetry import annotate

_requests = Counter(
    "idempotency_requests_total", "Requests with a valid Idempotency-Key, by what it led to.", ("idempotency_outcome",)
)


def count(outcome: str) -> None:
    """Count one request, and say so on its span: `worked`, `resumed`, `replayed`, `in_flight` or `reused`."""
    _requests.labels(outcome).inc()
    annotate({"idempotency.outcome": outcome})
