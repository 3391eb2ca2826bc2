"""Which replica of a service gets the next request.

Power of two choices: of two replicas picked at random the one with fewer requests in flight, relative to
its weight. A replica that could not be reached is left out for a moment; when all are left out, all are used,
because then it is more likely that we are wrong than that everybody is gone. A replica whose circuit breaker admits
nothing gets nothing, whatever there is besides.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from chassis.discovery.model import Instance
from chassis.resilience.breaker import Breaker, BreakerConfig, Transition, Verdict

EJECTION_S = 1.0
"""Doubles with each failure in a row, up to thirty seconds."""
LONGEST_EJECTION_S = 30.0


class Admission(NamedTuple):
    """A request may go to this replica; ``era`` is given back when it is over."""

    instance: Instance
    era: int
    transition: Transition | None
    """What the request changed by going out: it is the first to try a replica again."""


class _Load:
    __slots__ = ("breaker", "ejected_until", "failures", "in_flight")

    def __init__(self, breaker: Breaker) -> None:
        self.breaker = breaker
        self.in_flight = 0
        self.failures = 0
        self.ejected_until = 0.0


class Balancer:
    """The load of one service's replicas as this process sees it; clock and randomness come with the calls."""

    __slots__ = ("_config", "_instances", "_loads")

    def __init__(self, config: BreakerConfig | None = None) -> None:
        self._config = config or BreakerConfig()
        self._instances: tuple[Instance, ...] = ()
        self._loads: dict[str, _Load] = {}

    def pick(
        self,
        instances: tuple[Instance, ...],
        now: float,
        random: Callable[[], float],
        *,
        avoid: Collection[str] = (),
    ) -> Instance | None:
        """Choose among the instances; none when there are none in rotation, or no breaker admits a request.

        Args:
            instances: what discovery knows.
            now: seconds of a monotonic clock.
            random: uniform in [0, 1).
            avoid: addresses already tried for this request; used again only when nothing else is left.
        """
        if instances is not self._instances:
            self._follow(instances)
        candidates = self._candidates(instances, now, avoid)
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        first = int(random() * len(candidates))
        second = int(random() * (len(candidates) - 1))
        if second >= first:
            second += 1
        one, other = candidates[first], candidates[second]
        return one if self._pressure(one) <= self._pressure(other) else other

    def admits(self, instances: tuple[Instance, ...], now: float) -> bool:
        """Whether a request could go to any of the instances now."""
        return any(instance.weight > 0 and self._admits(instance, now) for instance in instances)

    def closed_for(self, instances: tuple[Instance, ...], now: float) -> float:
        """Seconds until the first breaker of the instances may admit a request."""
        breakers = [self._loads[instance.url].breaker for instance in instances if instance.url in self._loads]
        return min((breaker.closed_for(now) for breaker in breakers), default=0.0)

    def started(self, instance: Instance) -> Admission:
        """A request goes out to it."""
        load = self._loads.get(instance.url)
        if load is None:
            load = self._loads[instance.url] = _Load(Breaker(self._config))
        load.in_flight += 1
        transition = load.breaker.begin()
        return Admission(instance, load.breaker.era, transition)

    def judged(
        self, admission: Admission, verdict: Verdict, now: float, random: Callable[[], float]
    ) -> Transition | None:
        """What a request in flight tells about the replica: once, except that a bad end may follow a good beginning."""
        load = self._loads.get(admission.instance.url)
        return None if load is None else load.breaker.end(admission.era, verdict, now, random)

    def finished(self, instance: Instance, now: float, *, reachable: bool) -> None:
        """The request is over; an instance that was not reached is left out for a while."""
        load = self._loads.get(instance.url)
        if load is None:
            return
        load.in_flight -= 1
        if reachable:
            load.failures = 0
            load.ejected_until = 0.0
        else:
            ejection: float = min(EJECTION_S * 2.0**load.failures, LONGEST_EJECTION_S)
            load.failures = min(load.failures + 1, 10)
            load.ejected_until = now + ejection

    def in_flight(self, instance: Instance) -> int:
        """Requests on their way to it."""
        load = self._loads.get(instance.url)
        return load.in_flight if load else 0

    def is_ejected(self, instance: Instance, now: float) -> bool:
        """Whether it is left out at this moment."""
        load = self._loads.get(instance.url)
        return load is not None and load.ejected_until > now

    def breaker(self, instance: Instance) -> Breaker | None:
        """The breaker of a replica that was called."""
        load = self._loads.get(instance.url)
        return load.breaker if load else None

    def _candidates(self, instances: tuple[Instance, ...], now: float, avoid: Collection[str]) -> list[Instance]:
        admitted = [instance for instance in instances if instance.weight > 0 and self._admits(instance, now)]
        if len(admitted) < 2:
            return admitted
        fresh = [instance for instance in admitted if instance.url not in avoid]
        healthy = [instance for instance in fresh if not self.is_ejected(instance, now)]
        return healthy or fresh or admitted

    def _admits(self, instance: Instance, now: float) -> bool:
        load = self._loads.get(instance.url)
        return load is None or load.breaker.admits(now)

    def _pressure(self, instance: Instance) -> float:
        return (self.in_flight(instance) + 1) / instance.weight

    def _follow(self, instances: tuple[Instance, ...]) -> None:
        self._instances = instances
        present = {instance.url for instance in instances}
        self._loads = {url: load for url, load in self._loads.items() if url in present or load.in_flight > 0}
