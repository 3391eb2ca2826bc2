"""What circuit breakers tell when they change: a metric, a span event, a log line."""

from typing import Any
from urllib.parse import urlsplit

from loguru import logger
from prometheus_client import Counter

from chassis.resilience.breaker import BreakerState, Transition
from chassis.telemetry import names

_TRANSITIONS = Counter(
    names.METRIC_CIRCUIT_BREAKER_TRANSITIONS,
    "Changes of circuit breakers, by the state entered.",
    ("service_peer_name", "circuit_breaker_state"),
)


def show_transitions(service: str) -> None:
    """Have the counters there from the first call on, at zero."""
    for state in BreakerState:
        _TRANSITIONS.labels(service, state.value)


def attributes_of(change: Transition) -> dict[str, Any]:
    """The change as attributes of a span event or a log line."""
    attributes: dict[str, Any] = {
        names.CIRCUIT_BREAKER_PREVIOUS_STATE: change.before.value,
        names.CIRCUIT_BREAKER_STATE: change.after.value,
    }
    if change.after is BreakerState.OPEN:
        attributes[names.CIRCUIT_BREAKER_OPEN_S] = round(change.open_s, 3)
    return attributes


def report_transition(service: str, url: str, change: Transition) -> None:
    """Count a change and write it into the log."""
    _TRANSITIONS.labels(service, change.after.value).inc()
    address = urlsplit(url).netloc
    bound = logger.bind(**{names.SERVICE_PEER_NAME: service, names.SERVER_ADDRESS: address}, **attributes_of(change))
    match change.after:
        case BreakerState.OPEN:
            bound.warning("circuit breaker of {} at {} opens for {:.1f} s", service, address, change.open_s)
        case BreakerState.HALF_OPEN:
            bound.info("circuit breaker of {} at {} is half-open: the next calls try it", service, address)
        case BreakerState.CLOSED:
            bound.info("circuit breaker of {} at {} closes", service, address)
