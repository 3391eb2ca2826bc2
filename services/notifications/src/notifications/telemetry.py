"""What notifications counts. Labels are bound once: every set of them is closed."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from notifications import names
from notifications.domain import Kind
from notifications.letters import Status

DELAY_BUCKETS_S: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)

PENDING: Final = Gauge(names.METRIC_NOTIFICATIONS_PENDING, "Messages not yet sent, as last counted.")
DELAY: Final = Histogram(names.METRIC_NOTIFICATIONS_DELAY, "Time from event to hand-over.", buckets=DELAY_BUCKETS_S)

_handled = Counter(
    names.METRIC_NOTIFICATIONS_HANDLED, "Messages sent or undeliverable.", ["notification_kind", "notification_status"]
)
_retries = Counter(names.METRIC_NOTIFICATIONS_RETRIES, "Tries that failed.", ["notification_kind"])
_SENT: Final = {kind: _handled.labels(kind.value, Status.SENT.value) for kind in Kind}
_UNDELIVERABLE: Final = {kind: _handled.labels(kind.value, Status.UNDELIVERABLE.value) for kind in Kind}
_RETRIES: Final = {kind: _retries.labels(kind.value) for kind in Kind}


def sent(kind: Kind, seconds: float) -> None:
    """Count a message that the mail server took, `seconds` after its event arrived."""
    _SENT[kind].inc()
    DELAY.observe(seconds)


def undeliverable(kind: Kind) -> None:
    """Count a message that nobody can be sent."""
    _UNDELIVERABLE[kind].inc()


def failed(kind: Kind) -> None:
    """Count a try that is to be repeated."""
    _RETRIES[kind].inc()
