"""What a process knows of the services it calls, as gauges that are read when asked.

A replica that is gone has no series, and neither has a service whose client is gone.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol
from urllib.parse import urlsplit
from weakref import WeakSet

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric

from chassis.resilience.breaker import BreakerState
from chassis.telemetry import names

_VALUES = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}
_REPLICA = ("service_peer_name", "server_address")
_SERVICE = ("service_peer_name",)

Values = dict[tuple[str, ...], float]


class Called(Protocol):
    """A service that is called."""

    @property
    def name(self) -> str:
        """The service's name."""
        ...

    @property
    def in_flight(self) -> int:
        """Attempts under way."""
        ...

    def kept_back(self) -> float:
        """The share of calls that its throttle keeps back."""
        ...

    def breaker_states(self) -> Iterable[tuple[str, BreakerState]]:
        """The address and circuit breaker of every replica that was called and still exists."""
        ...

    def ejected(self) -> Iterable[tuple[str, bool]]:
        """The address of every replica that was called and still exists, and whether the balancer leaves it out."""
        ...


class States:
    """The collector of these gauges. Of two clients of one service the worse counts; what is under way adds up."""

    def __init__(self) -> None:
        """Nobody is called yet."""
        self._called: WeakSet[Called] = WeakSet()

    def follow(self, called: Called) -> None:
        """Show this service as long as it exists."""
        self._called.add(called)

    def collect(self) -> Iterator[Metric]:
        """The states as they are."""
        breakers, ejected, in_flight, kept_back = Values(), Values(), Values(), Values()
        for called in self._called:
            service = (called.name,)
            in_flight[service] = in_flight.get(service, 0) + called.in_flight
            _raise_to(kept_back, service, called.kept_back())
            for url, state in called.breaker_states():
                _raise_to(breakers, _series(called, url), _VALUES[state])
            for url, left_out in called.ejected():
                _raise_to(ejected, _series(called, url), int(left_out))
        yield _family(
            names.METRIC_CIRCUIT_BREAKER_STATE,
            "State of each replica's circuit breaker: 0 closed, 1 half-open, 2 open.",
            _REPLICA,
            breakers,
        )
        yield _family(
            names.METRIC_BALANCER_EJECTED, "Whether the balancer leaves the replica out for now.", _REPLICA, ejected
        )
        yield _family(names.METRIC_BULKHEAD_IN_FLIGHT, "Attempts to call the service, under way.", _SERVICE, in_flight)
        yield _family(
            names.METRIC_THROTTLE_SHARE,
            "Share of the calls to the service that is kept back because it sheds load.",
            _SERVICE,
            kept_back,
        )


def _series(called: Called, url: str) -> tuple[str, ...]:
    return (called.name, urlsplit(url).netloc)


def _raise_to(values: Values, series: tuple[str, ...], value: float) -> None:
    values[series] = max(values.get(series, 0), value)


def _family(name: str, said: str, labels: tuple[str, ...], values: Values) -> Metric:
    family = GaugeMetricFamily(name, said, labels=labels)
    for series, value in values.items():
        family.add_metric(series, value)
    return family


STATES = States()
REGISTRY.register(STATES)
