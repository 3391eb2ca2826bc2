"""What is told of attempts after the first: those that were made, and those that the budget did not allow."""

from prometheus_client import Counter

from chassis.telemetry import names

_RETRIES = Counter(
    names.METRIC_CALL_RETRIES,
    "Attempts after a call's first, by whether the retry budget allowed them.",
    ("service_peer_name", "call_retry_outcome"),
)
MADE, REFUSED = "made", "refused"


def show_retries(service: str) -> None:
    """Have the counters there from the first call on, at zero."""
    for outcome in (MADE, REFUSED):
        _RETRIES.labels(service, outcome)


def count_retry(service: str, *, allowed: bool) -> None:
    """Count one that was worth making."""
    _RETRIES.labels(service, MADE if allowed else REFUSED).inc()
