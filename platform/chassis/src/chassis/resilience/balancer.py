"""Which replica of a service gets the next request.

Power of two choices: of two replicas picked at random the one with fewer requests in flight, relative to
its weight. A replica that could not be reached is left out for a moment; when all are left out, all are used,
because then it is more likely that we are wrong than that everybody is gone.
"""

from collections.abc import Callable, Collection

from chassis.discovery.model import Instance

EJECTION_S = 1.0
"""Doubles with each failure in a row, up to thirty seconds."""
LONGEST_EJECTION_S = 30.0


class _Load:
    __slots__ = ("ejected_until", "failures", "in_flight")

    def __init__(self) -> None:
        self.in_flight = 0
        self.failures = 0
        self.ejected_until = 0.0


class Balancer:
    """The load of one service's replicas as this process sees it; clock and randomness come with the calls."""

    __slots__ = ("_instances", "_loads")

    def __init__(self) -> None:
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
        """Choose among the instances; none only when there are none in rotation.

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

    def started(self, instance: Instance) -> None:
        """A request goes out to it."""
        self._loads.setdefault(instance.url, _Load()).in_flight += 1

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

    def _candidates(self, instances: tuple[Instance, ...], now: float, avoid: Collection[str]) -> list[Instance]:
        in_rotation = [instance for instance in instances if instance.weight > 0]
        if len(in_rotation) < 2:
            return in_rotation
        fresh = [instance for instance in in_rotation if instance.url not in avoid]
        healthy = [instance for instance in fresh if not self.is_ejected(instance, now)]
        return healthy or fresh or in_rotation

    def _pressure(self, instance: Instance) -> float:
        return (self.in_flight(instance) + 1) / instance.weight

    def _follow(self, instances: tuple[Instance, ...]) -> None:
        self._instances = instances
        present = {instance.url for instance in instances}
        self._loads = {url: load for url, load in self._loads.items() if url in present or load.in_flight > 0}
