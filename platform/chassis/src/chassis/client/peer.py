"""What this process knows of one other service: load, reachability, circuit breakers, bulkhead, throttle, budget."""

from collections.abc import Callable, Collection, Iterator

from chassis.client.breakers import show_transitions
from chassis.client.ejections import show_ejections
from chassis.client.errors import BulkheadFull, CircuitOpen, NoInstance, Throttled
from chassis.client.refusals import show_refusals
from chassis.client.retries import show_retries
from chassis.client.states import STATES
from chassis.discovery.model import Discovery
from chassis.resilience.balancer import Admission, Balancer, Consequence
from chassis.resilience.breaker import BreakerState, Verdict
from chassis.resilience.budget import RetryBudget
from chassis.resilience.bulkhead import Bulkhead
from chassis.resilience.calls import CallConfig
from chassis.resilience.retry import Outcome
from chassis.resilience.throttle import Throttle

UNREACHABLE = frozenset({Outcome.NOT_CONNECTED, Outcome.CONNECTION_LOST})


class Peer:
    """Every attempt begins and ends here: the place for whatever admits or refuses one.

    Args:
        name: of the service.
        discovery: where its replicas are.
        config: the figures of calls to it.
        clock: seconds that only grow.
        uniform: random numbers in [0, 1).
        places: how many requests this process lets in at once.
    """

    __slots__ = (
        "__weakref__",
        "_balancer",
        "_bulkhead",
        "_clock",
        "_discovery",
        "_places",
        "_throttle",
        "_uniform",
        "budget",
        "config",
        "name",
    )

    def __init__(
        self,
        name: str,
        discovery: Discovery,
        config: CallConfig,
        *,
        clock: Callable[[], float],
        uniform: Callable[[], float],
        places: Callable[[], float],
    ) -> None:
        self.name = name
        self.config = config
        self.budget = RetryBudget(config.budget)
        self._balancer = Balancer(config.breaker, config.ejection)
        self._bulkhead = Bulkhead(config.bulkhead)
        self._throttle = Throttle(config.throttle)
        self._discovery = discovery
        self._clock = clock
        self._uniform = uniform
        self._places = places
        for show in (show_transitions, show_ejections, show_refusals, show_retries):
            show(name)
        STATES.follow(self)

    def begin(self, now: float, *, tried: Collection[str] = (), exempt: bool = False) -> Admission:
        """Choose the replica for an attempt and count it as in flight.

        Args:
            now: seconds of the clock.
            tried: addresses that this call was sent to before.
            exempt: neither bulkhead nor throttle holds for it.

        Raises:
            NoInstance: there is none.
            CircuitOpen: there are some, and the circuit breaker of every one is open.
            BulkheadFull: too many calls are under way.
            Throttled: the service sheds load, and this call is one of those that are kept back.
        """
        bulkhead, throttle = self._bulkhead, self._throttle
        if not exempt and bulkhead.full(self._places()):
            raise BulkheadFull(self.name, bulkhead.in_flight)
        instances = self._discovery.instances(self.name)
        instance = self._balancer.pick(instances, now, self._uniform, avoid=tried)
        if instance is None and any(known.weight > 0 for known in instances):
            raise CircuitOpen(self.name, self._balancer.closed_for(instances, now))
        if instance is None:
            raise NoInstance(self.name)
        if not tried and not exempt and throttle.keeps_back(now, self._uniform):
            raise Throttled(self.name, throttle.share(now), throttle.retry_after)
        bulkhead.enter()
        return self._balancer.started(instance)

    def admits(self, now: float) -> bool:
        """Whether the circuit breaker of any replica would let an attempt begin now."""
        return self._balancer.admits(self._discovery.instances(self.name), now)

    def replied(self, shed_for: float | None) -> None:
        """A reply came; ``shed_for`` is when to come back, where the service says that it has too much to do."""
        if shed_for is None:
            self._throttle.accepted(self._clock())
        else:
            self._throttle.refused(self._clock(), shed_for)

    def judge(self, admission: Admission, verdict: Verdict, failure: Outcome | None) -> Consequence | None:
        """What an attempt says about its replica, which may change what is thought of it.

        Args:
            admission: of the attempt.
            verdict: what it says.
            failure: how it failed, if it did.
        """
        return admission.judge(verdict, self._clock(), self._uniform, reachable=failure not in UNREACHABLE)

    def end(self, admission: Admission) -> None:
        """The attempt is over."""
        self._bulkhead.leave()
        admission.finish()

    @property
    def in_flight(self) -> int:
        """Attempts under way."""
        return self._bulkhead.in_flight

    def kept_back(self) -> float:
        """The share of calls that is kept back now."""
        return self._throttle.share(self._clock())

    def breaker_states(self) -> Iterator[tuple[str, BreakerState]]:
        """The address and state of every replica that was called and still exists."""
        now = self._clock()
        for instance in self._discovery.instances(self.name):
            breaker = self._balancer.breaker(instance)
            if breaker is not None:
                yield instance.url, breaker.state(now)

    def ejected(self) -> Iterator[tuple[str, bool]]:
        """The address of every replica that was called and still exists, and whether it is left out."""
        now = self._clock()
        for instance in self._discovery.instances(self.name):
            if self._balancer.breaker(instance) is not None:
                yield instance.url, self._balancer.is_ejected(instance, now)
