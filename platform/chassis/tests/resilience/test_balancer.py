"""Requests go where fewer are, and not to a replica that could not be reached."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis.discovery import Instance
from chassis.resilience import Balancer

ALL = tuple(Instance(f"a-{n}", f"http://127.0.0.1:{n + 1}") for n in range(4))


def test_nobody_is_chosen_from_nobody() -> None:
    assert Balancer().pick((), 0.0, random.random) is None
    assert Balancer().pick((Instance("a", "http://h:1", weight=0.0),), 0.0, random.random) is None


def test_the_less_loaded_of_two_is_chosen() -> None:
    balancer = Balancer()
    pair = ALL[:2]
    balancer.started(pair[0])
    assert {balancer.pick(pair, 0.0, random.random) for _ in range(20)} == {pair[1]}


def test_weight_is_a_share_of_the_load() -> None:
    balancer = Balancer()
    heavy, light = Instance("h", "http://h:1", weight=3.0), Instance("l", "http://l:1", weight=1.0)
    chosen: Counter[str] = Counter()
    for _ in range(40):
        instance = balancer.pick((heavy, light), 0.0, random.random)
        assert instance is not None
        balancer.started(instance)
        chosen[instance.id] += 1
    assert chosen == {"h": 30, "l": 10}


def test_an_unreachable_replica_is_left_out_ever_longer_and_comes_back() -> None:
    balancer = Balancer()
    pair = ALL[:2]
    for now, until in ((0.0, 1.0), (1.0, 3.0), (3.0, 7.0)):
        balancer.started(pair[0])
        balancer.finished(pair[0], now, reachable=False)
        assert balancer.is_ejected(pair[0], until - 0.01)
        assert not balancer.is_ejected(pair[0], until)
    balancer.started(pair[0])
    balancer.finished(pair[0], 8.0, reachable=True)
    balancer.started(pair[0])
    balancer.finished(pair[0], 9.0, reachable=False)
    assert not balancer.is_ejected(pair[0], 10.0)


def test_when_all_are_left_out_all_are_used() -> None:
    balancer = Balancer()
    balancer.pick(ALL, 0.0, random.random)
    for instance in ALL:
        balancer.started(instance)
        balancer.finished(instance, 0.0, reachable=False)
    draw = random.Random(1).random
    assert {balancer.pick(ALL, 0.1, draw) for _ in range(200)} == set(ALL)


@given(st.sets(st.sampled_from(ALL), max_size=3), st.floats(0, 1, exclude_max=True))
def test_what_was_tried_is_tried_again_only_when_nothing_is_left(tried: set[Instance], drawn: float) -> None:
    chosen = Balancer().pick(ALL, 0.0, lambda: drawn, avoid={instance.url for instance in tried})
    assert chosen not in tried


class BalancerMachine(RuleBasedStateMachine):
    """The books are right whatever comes and goes."""

    def __init__(self) -> None:
        super().__init__()
        self.balancer = Balancer()
        self.known: tuple[Instance, ...] = ALL
        self.flying: list[Instance] = []
        self.now = 0.0

    @rule(known=st.lists(st.sampled_from(ALL), unique=True).map(tuple))
    def replicas_change(self, known: tuple[Instance, ...]) -> None:
        self.known = known

    @rule(drawn=st.floats(0, 1, exclude_max=True), passed=st.floats(0, 5))
    def start(self, drawn: float, passed: float) -> None:
        self.now += passed
        instance = self.balancer.pick(self.known, self.now, lambda: drawn)
        assert (instance is None) == (not self.known)
        if instance is not None:
            assert instance in self.known
            self.balancer.started(instance)
            self.flying.append(instance)

    @precondition(lambda self: self.flying)
    @rule(which=st.integers(0, 1000), reachable=st.booleans())
    def finish(self, which: int, reachable: bool) -> None:
        instance = self.flying.pop(which % len(self.flying))
        self.balancer.finished(instance, self.now, reachable=reachable)

    @invariant()
    def in_flight_is_counted_exactly(self) -> None:
        counted = Counter(instance.url for instance in self.flying)
        assert {i.url: self.balancer.in_flight(i) for i in ALL} == {i.url: counted[i.url] for i in ALL}


TestBalancer = BalancerMachine.TestCase
