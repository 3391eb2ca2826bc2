"""What circuit breakers tell: their states, changes and refusals as metrics, and each change as a log line."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol
from urllib.parse import urlsplit
from weakref import WeakSet

from loguru import logger
from prometheus_client import REGISTRY, Counter
from prometheus_client.core import GaugeMetricFamily, Metric

from chassis.resilience.breaker import BreakerState, Transition
from chassis.telemetry import names

_TRANSITIONS = Counter(
    names.METRIC_CIRCUIT_BREAKER_TRANSITIONS,
    "Changes of circuit breakers, by the state entered.",
    ("service_peer_name", "circuit_breaker_state"),
)
_REJECTIONS = Counter(
    names.METRIC_CIRCUIT_BREAKER_REJECTIONS,
    "Calls refused because the circuit breaker of every replica is open.",
    ("service_peer_name",),
)
_VALUES = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}


class Called(Protocol):
    """A service that is called, as far as its breakers go."""

    @property
    def name(self) -> str:
        """The service's name."""
        ...

    def breaker_states(self) -> Iterable[tuple[str, BreakerState]]:
        """The address and state of every replica that was called and still exists."""
        ...


class BreakerStates:
    """The collector of ``circuit_breaker_state``: read when asked, so that a replica that is gone has no series."""

    def __init__(self) -> None:
        """Nobody is called yet."""
        self._called: WeakSet[Called] = WeakSet()

    def follow(self, called: Called) -> None:
        """Show this service's breakers as long as it exists."""
        self._called.add(called)
        _REJECTIONS.labels(called.name)
        for state in BreakerState:
            _TRANSITIONS.labels(called.name, state.value)

    def collect(self) -> Iterator[Metric]:
        """The states as they are; of two clients' breakers for one replica, the worse."""
        family = GaugeMetricFamily(
            names.METRIC_CIRCUIT_BREAKER_STATE,
            "State of each replica's circuit breaker: 0 closed, 1 half-open, 2 open.",
            labels=("service_peer_name", "server_address"),
        )
        values: dict[tuple[str, str], int] = {}
        for called in self._called:
            for url, state in called.breaker_states():
                series = (called.name, urlsplit(url).netloc)
                values[series] = max(values.get(series, 0), _VALUES[state])
        for labels, value in values.items():
            family.add_metric(labels, value)
        yield family


STATES = BreakerStates()
REGISTRY.register(STATES)


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


def count_rejection(service: str) -> None:
    """Count a call that was not made."""
    _REJECTIONS.labels(service).inc()
