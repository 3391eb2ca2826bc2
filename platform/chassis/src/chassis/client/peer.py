"""What this process knows of one other service: load, reachability, circuit breakers, retry budget."""

from collections.abc import Callable, Collection, Iterator

from chassis.client.breakers import STATES
from chassis.client.errors import CircuitOpen, NoInstance
from chassis.discovery.model import Discovery
from chassis.resilience.balancer import Admission, Balancer
from chassis.resilience.breaker import BreakerConfig, BreakerState, Transition, Verdict
from chassis.resilience.budget import RetryBudget
from chassis.resilience.retry import Outcome

UNREACHABLE = frozenset({Outcome.NOT_CONNECTED, Outcome.CONNECTION_LOST})


class Peer:
    """Every attempt begins and ends here: the place for whatever admits or refuses one.

    Args:
        name: of the service.
        discovery: where its replicas are.
        breaker: the figures of its replicas' circuit breakers.
        clock: seconds that only grow.
        uniform: random numbers in [0, 1).
    """

    __slots__ = ("__weakref__", "_balancer", "_clock", "_discovery", "_uniform", "budget", "name", "slow")

    def __init__(
        self,
        name: str,
        discovery: Discovery,
        *,
        breaker: BreakerConfig,
        clock: Callable[[], float],
        uniform: Callable[[], float],
    ) -> None:
        self.name = name
        self.budget = RetryBudget()
        self.slow = breaker.slow
        self._balancer = Balancer(breaker)
        self._discovery = discovery
        self._clock = clock
        self._uniform = uniform
        STATES.follow(self)

    def begin(self, now: float, *, tried: Collection[str] = ()) -> Admission:
        """Choose the replica for an attempt and count it as in flight.

        Raises:
            NoInstance: there is none.
            CircuitOpen: there are some, and the circuit breaker of every one is open.
        """
        instances = self._discovery.instances(self.name)
        instance = self._balancer.pick(instances, now, self._uniform, avoid=tried)
        if instance is not None:
            return self._balancer.started(instance)
        if any(known.weight > 0 for known in instances):
            raise CircuitOpen(self.name, self._balancer.closed_for(instances, now))
        raise NoInstance(self.name)

    def admits(self, now: float) -> bool:
        """Whether an attempt could begin now."""
        return self._balancer.admits(self._discovery.instances(self.name), now)

    def judge(self, admission: Admission, verdict: Verdict) -> Transition | None:
        """What an attempt says about its replica; the change of its circuit breaker, if that makes one."""
        return admission.judge(verdict, self._clock(), self._uniform)

    def end(self, admission: Admission, now: float, failure: Outcome | None) -> None:
        """The attempt is over; ``failure`` says how it failed, if it did."""
        admission.finish(now, reachable=failure not in UNREACHABLE)

    def breaker_states(self) -> Iterator[tuple[str, BreakerState]]:
        """The address and state of every replica that was called and still exists."""
        now = self._clock()
        for instance in self._discovery.instances(self.name):
            breaker = self._balancer.breaker(instance)
            if breaker is not None:
                yield instance.url, breaker.state(now)
