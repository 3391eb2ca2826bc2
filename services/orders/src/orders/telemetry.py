"""What orders counts. Labels are bound once: every set of them is closed."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from orders import names
from orders.domain.order import Reason, Status
from orders.domain.saga import Compensation, Step

DURATION_BUCKETS_S: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
"""From an idle machine's answer to five times the saga's bound."""
NO_REASON: Final = "none"

PLACED: Final = Counter(names.METRIC_ORDERS_PLACED, "Orders taken.")
OPEN: Final = Gauge(names.METRIC_ORDERS_SAGAS_OPEN, "Sagas that have not ended, as last counted.")
STUCK: Final = Gauge(names.METRIC_ORDERS_SAGAS_STUCK, "Open sagas past their deadline by more than a minute.")

_finished = Counter(names.METRIC_ORDERS_FINISHED, "Sagas that ended.", ["order_status", "order_reason"])
_duration = Histogram(
    names.METRIC_ORDERS_SAGA_DURATION, "Time from wish to end.", ["order_status"], buckets=DURATION_BUCKETS_S
)
_retries = Counter(names.METRIC_ORDERS_SAGA_RETRIES, "Tries that failed and are repeated.", ["saga_step"])

_FINISHED: Final[dict[Reason | None, Counter]] = {
    None: _finished.labels(Status.CONFIRMED.value, NO_REASON),
    **{reason: _finished.labels(Status.CANCELLED.value, reason.value) for reason in Reason},
}
_DURATION: Final = {status: _duration.labels(status.value) for status in (Status.CONFIRMED, Status.CANCELLED)}
_RETRIES: Final = {action: _retries.labels(action.value) for action in (*Step, *Compensation)}


def saga_finished(status: Status, reason: Reason | None, seconds: float) -> None:
    """Count an end and the time it took."""
    _FINISHED[reason].inc()
    _DURATION[status].observe(seconds)


def step_failed(action: Step | Compensation) -> None:
    """Count a try that is to be repeated."""
    _RETRIES[action].inc()
