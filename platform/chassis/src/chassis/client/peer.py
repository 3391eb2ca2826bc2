"""What this process knows of one other service: load, reachability, retry budget."""

from collections.abc import Callable, Collection

from chassis.client.errors import NoInstance
from chassis.discovery.model import Discovery, Instance
from chassis.resilience.balancer import Balancer
from chassis.resilience.budget import RetryBudget
from chassis.resilience.retry import Outcome

UNREACHABLE = frozenset({Outcome.NOT_CONNECTED, Outcome.CONNECTION_LOST})


class Peer:
    """Every attempt begins and ends here: the place for whatever admits or refuses one."""

    __slots__ = ("_balancer", "_discovery", "budget", "name")

    def __init__(self, name: str, discovery: Discovery) -> None:
        self.name = name
        self.budget = RetryBudget()
        self._balancer = Balancer()
        self._discovery = discovery

    def begin(self, now: float, random: Callable[[], float], *, tried: Collection[str] = ()) -> Instance:
        """Choose the replica for an attempt and count it as in flight.

        Raises:
            NoInstance: there is none.
        """
        instance = self._balancer.pick(self._discovery.instances(self.name), now, random, avoid=tried)
        if instance is None:
            raise NoInstance(self.name)
        self._balancer.started(instance)
        return instance

    def end(self, instance: Instance, now: float, failure: Outcome | None) -> None:
        """The attempt is over; ``failure`` says how it failed, if it did."""
        self._balancer.finished(instance, now, reachable=failure not in UNREACHABLE)
