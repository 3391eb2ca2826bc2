"""What a call leaves behind that this process refused to send: a counter, a CLIENT span of no length, a log line."""

import time
from typing import Any

from loguru import logger
from opentelemetry.context import get_current
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import Counter

from chassis.client.call import Call
from chassis.client.errors import BulkheadFull, CircuitOpen, NotSent, Throttled
from chassis.resilience.breaker import BreakerState
from chassis.telemetry import names
from chassis.telemetry.pipeline import tracer
from chassis.telemetry.tracer import is_suppressed, parent_of

LOG_EVERY_S = 1.0
"""Refusals come by the hundred; a line tells how many there were since the last."""

_LABELS = ("service_peer_name",)
_COUNTERS = {
    CircuitOpen.reason: Counter(
        names.METRIC_CIRCUIT_BREAKER_REJECTIONS,
        "Calls refused because the circuit breaker of every replica is open.",
        _LABELS,
    ),
    BulkheadFull.reason: Counter(
        names.METRIC_BULKHEAD_REJECTIONS,
        "Calls refused because as many as are allowed were under way.",
        _LABELS,
    ),
    Throttled.reason: Counter(
        names.METRIC_THROTTLE_REJECTIONS, "Calls kept back because the service sheds load.", _LABELS
    ),
}


class _Lines:
    """Which refusals were not told yet, and when the last line was written."""

    def __init__(self) -> None:
        self._untold: dict[tuple[str, str], tuple[float, int]] = {}

    def due(self, service: str, reason: str, now: float) -> int:
        """How many to tell now; zero when it is too early for a line."""
        told_at, untold = self._untold.get((service, reason), (now - LOG_EVERY_S, 0))
        if now - told_at < LOG_EVERY_S:
            self._untold[service, reason] = (told_at, untold + 1)
            return 0
        self._untold[service, reason] = (now, 0)
        return untold + 1


_lines = _Lines()


def show_refusals(service: str) -> None:
    """Have the counters there from the first call on, at zero."""
    for counter in _COUNTERS.values():
        counter.labels(service)


def tell_refused(call: Call, refusal: NotSent) -> None:
    """Count a call that was not sent, leave its span, and now and then a line in the log."""
    _COUNTERS[refusal.reason].labels(call.service).inc()
    _leave_span(call, refusal)
    refused = 0 if isinstance(refusal, CircuitOpen) else _lines.due(call.service, refusal.reason, time.monotonic())
    if refused:
        attributes = {
            names.SERVICE_PEER_NAME: call.service,
            names.ERROR_TYPE: refusal.reason,
            names.CALL_REFUSED_COUNT: refused,
        }
        logger.bind(**attributes).warning("{} calls not sent: {}", refused, refusal.detail)


def _leave_span(call: Call, refusal: NotSent) -> None:
    context = get_current()
    if is_suppressed(context):
        return
    span = tracer.start(f"{call.method} {call.template}", kind=SpanKind.CLIENT, parent=parent_of(context))
    span.attributes |= {
        names.HTTP_REQUEST_METHOD: call.method,
        names.URL_TEMPLATE: call.template,
        names.SERVICE_PEER_NAME: call.service,
        names.ERROR_TYPE: refusal.reason,
        **_why(refusal),
    }
    span.set_status(StatusCode.ERROR)
    span.end()


def _why(refusal: NotSent) -> dict[str, Any]:
    match refusal:
        case CircuitOpen():
            return {
                names.CIRCUIT_BREAKER_STATE: BreakerState.OPEN.value,
                names.CIRCUIT_BREAKER_OPEN_S: round(refusal.closed_for, 3),
            }
        case BulkheadFull():
            return {names.BULKHEAD_IN_FLIGHT: refusal.in_flight}
        case Throttled():
            return {names.THROTTLE_SHARE: round(refusal.share, 3)}
        case _:
            return {}
