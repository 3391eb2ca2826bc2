"""Which replica of a service gets the next request.

Weights decide the shares: a replica is drawn by its weight, so that one with a tenth of the weight gets a tenth of the
requests however few there are. Between replicas of one weight the load decides, by the power of two choices: of two
picked at random the one with fewer requests in flight. A replica that could not be reached or failed several times in a
row is left out for a moment; when too many are left out, all are used, because then it is more likely that we are wrong
than that everybody is gone. A replica whose circuit breaker admits nothing gets nothing, whatever there is besides.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from chassis.discovery.model import Instance
from chassis.resilience.breaker import Breaker, BreakerConfig, Transition, Verdict
from chassis.resilience.ejection import Ejection, EjectionConfig


class _Load:
    __slots__ = ("breaker", "ejection", "in_flight")

    def __init__(self, breaker: Breaker, ejection: Ejection) -> None:
        self.breaker = breaker
        self.ejection = ejection
        self.in_flight = 0


class Consequence(NamedTuple):
    """What a request changed for its replica: the state of its circuit breaker, the seconds it is left out, or both."""

    transition: Transition | None
    ejected_s: float | None


class Admission:
    """A request is on its way to a replica. Whoever sent it says what it tells of the replica, and when it is over."""

    __slots__ = ("_era", "_load", "instance", "transition")

    def __init__(self, instance: Instance, load: _Load) -> None:
        breaker = load.breaker
        load.in_flight += 1
        self.instance = instance
        self.transition = None if breaker.closed else breaker.begin()
        """What the request changed by going out: it may be the first to try a replica again."""
        self._load = load
        self._era = breaker.era

    def judge(
        self, verdict: Verdict, now: float, random: Callable[[], float], *, reachable: bool = True
    ) -> Consequence | None:
        """What the request tells, in the end once; after a good beginning a bad end may follow."""
        load = self._load
        transition = load.breaker.end(self._era, verdict, now, random)
        ejected_s = load.ejection.end(verdict, now, random, reachable=reachable)
        return None if transition is None and ejected_s is None else Consequence(transition, ejected_s)

    def finish(self) -> None:
        """The request is over."""
        self._load.in_flight -= 1


class Balancer:
    """The load of one service's replicas as this process sees it; clock and randomness come with the calls."""

    __slots__ = ("_breaker", "_ejection", "_instances", "_loads")

    def __init__(self, breaker: BreakerConfig | None = None, ejection: EjectionConfig | None = None) -> None:
        self._breaker = breaker or BreakerConfig()
        self._ejection = ejection or EjectionConfig()
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
        one = _drawn(candidates, random())
        equals = [other for other in candidates if other.weight == one.weight and other is not one]
        if not equals:
            return one
        other = equals[int(random() * len(equals))]
        return one if self.in_flight(one) <= self.in_flight(other) else other

    def admits(self, instances: tuple[Instance, ...], now: float) -> bool:
        """Whether a request could go to any of the instances now."""
        return any(instance.weight > 0 and _admits(self._loads.get(instance.url), now) for instance in instances)

    def closed_for(self, instances: tuple[Instance, ...], now: float) -> float:
        """Seconds until the first breaker of the instances may admit a request."""
        breakers = [self._loads[instance.url].breaker for instance in instances if instance.url in self._loads]
        return min((breaker.closed_for(now) for breaker in breakers), default=0.0)

    def started(self, instance: Instance) -> Admission:
        """A request goes out to it."""
        load = self._loads.get(instance.url)
        if load is None:
            load = self._loads[instance.url] = _Load(Breaker(self._breaker), Ejection(self._ejection))
        return Admission(instance, load)

    def in_flight(self, instance: Instance) -> int:
        """Requests on their way to it."""
        load = self._loads.get(instance.url)
        return load.in_flight if load else 0

    def is_ejected(self, instance: Instance, now: float) -> bool:
        """Whether it is left out at this moment."""
        load = self._loads.get(instance.url)
        return load is not None and load.ejection.until > now

    def breaker(self, instance: Instance) -> Breaker | None:
        """The breaker of a replica that was called."""
        load = self._loads.get(instance.url)
        return load.breaker if load else None

    def _candidates(self, instances: tuple[Instance, ...], now: float, avoid: Collection[str]) -> list[Instance]:
        loads = self._loads
        in_rotation = healthy = 0
        admitted: list[Instance] = []
        fresh: list[Instance] = []
        good: list[Instance] = []
        for instance in instances:
            if instance.weight <= 0:
                continue
            in_rotation += 1
            load = loads.get(instance.url)
            if not _admits(load, now):
                continue
            admitted.append(instance)
            left_out = load is not None and load.ejection.until > now
            healthy += not left_out
            if instance.url in avoid:
                continue
            fresh.append(instance)
            if not left_out:
                good.append(instance)
        panic = in_rotation >= self._ejection.panic_replicas and healthy < self._ejection.panic_share * in_rotation
        return (fresh if panic else good) or fresh or admitted

    def _follow(self, instances: tuple[Instance, ...]) -> None:
        self._instances = instances
        present = {instance.url for instance in instances}
        self._loads = {url: load for url, load in self._loads.items() if url in present or load.in_flight > 0}


def _drawn(candidates: list[Instance], point: float) -> Instance:
    """The candidate that a point in [0, 1) falls on, when each is as wide as its weight."""
    left = point * sum(instance.weight for instance in candidates)
    for instance in candidates:
        left -= instance.weight
        if left < 0:
            return instance
    return candidates[-1]


def _admits(load: _Load | None, now: float) -> bool:
    return load is None or load.breaker.closed or load.breaker.admits(now)
