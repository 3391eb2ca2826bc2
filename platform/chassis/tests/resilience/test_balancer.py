"""Requests go where fewer are, and not to a replica that could not be reached or that fails."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis.discovery import Instance
from chassis.resilience import Balancer, BreakerConfig, BreakerState, Verdict
from chassis.resilience.balancer import Admission

FIVE_SECONDS = BreakerConfig(open_first=5.0)
ALL = tuple(Instance(f"a-{n}", f"http://127.0.0.1:{n + 1}") for n in range(4))


def test_nobody_is_chosen_from_nobody() -> None:
    assert Balancer().pick((), 0.0, random.random) is None
    assert Balancer().pick((Instance("a", "http://h:1", weight=0.0),), 0.0, random.random) is None


def test_the_less_loaded_of_two_is_chosen() -> None:
    balancer = Balancer()
    pair = ALL[:2]
    balancer.started(pair[0])
    assert {balancer.pick(pair, 0.0, random.random) for _ in range(20)} == {pair[1]}


@given(st.integers(0, 40), st.integers())
def test_weight_is_a_share_of_the_requests_however_many_are_in_flight(busy: int, seed: int) -> None:
    balancer, draw = Balancer(), random.Random(seed).random
    heavy, light = Instance("h", "http://h:1", weight=0.9), Instance("l", "http://l:1", weight=0.1)
    for _ in range(busy):
        balancer.started(heavy)

    chosen = Counter(balancer.pick((heavy, light), 0.0, draw) for _ in range(2000))

    assert 110 < chosen[light] < 310  # 200 expected; the bounds are over six standard deviations away


def test_of_replicas_with_the_same_weight_the_less_loaded_is_chosen_beside_one_with_another() -> None:
    balancer = Balancer()
    light = Instance("l", "http://l:1", weight=0.1)
    balancer.started(ALL[0])
    assert {balancer.pick((light, *ALL[:2]), 0.0, random.random) for _ in range(500)} == {light, ALL[1]}


def lose(balancer: Balancer, instance: Instance, now: float = 0.0) -> None:
    """Let a request to it find nobody there."""
    admission = balancer.started(instance)
    admission.judge(Verdict.BAD, now, lambda: 0.5, reachable=False)
    admission.finish()


def test_an_unreachable_replica_is_left_out_at_once_and_comes_back() -> None:
    balancer = Balancer()
    pair = ALL[:2]
    lose(balancer, pair[0])

    assert balancer.is_ejected(pair[0], 0.99)
    assert {balancer.pick(pair, 0.99, random.random) for _ in range(20)} == {pair[1]}
    assert not balancer.is_ejected(pair[0], 1.0)


@given(st.sets(st.sampled_from(ALL)), st.integers())
def test_of_three_or_more_the_healthy_are_used_alone_only_while_they_are_half_or_more(
    lost: set[Instance], seed: int
) -> None:
    balancer, draw = Balancer(), random.Random(seed).random
    balancer.pick(ALL, 0.0, draw)
    for instance in lost:
        lose(balancer, instance)

    chosen = {balancer.pick(ALL, 0.5, draw) for _ in range(200)}

    assert chosen == (set(ALL) - lost if len(lost) <= 2 else set(ALL))


def test_when_all_are_left_out_all_are_used() -> None:
    balancer = Balancer()
    balancer.pick(ALL, 0.0, random.random)
    for instance in ALL:
        lose(balancer, instance)
    draw = random.Random(1).random
    assert {balancer.pick(ALL, 0.1, draw) for _ in range(200)} == set(ALL)


@given(st.sets(st.sampled_from(ALL), max_size=3), st.floats(0, 1, exclude_max=True))
def test_what_was_tried_is_tried_again_only_when_nothing_is_left(tried: set[Instance], drawn: float) -> None:
    chosen = Balancer().pick(ALL, 0.0, lambda: drawn, avoid={instance.url for instance in tried})
    assert chosen not in tried


def break_circuit(balancer: Balancer, instance: Instance, now: float = 0.0) -> None:
    """Let so many requests fail there that its breaker opens for five seconds."""
    for _ in range(20):
        admission = balancer.started(instance)
        admission.judge(Verdict.BAD, now, lambda: 0.5)
        admission.finish()


@given(st.randoms(use_true_random=False))
def test_a_replica_whose_circuit_is_open_gets_nothing_not_even_when_all_others_were_tried(drawn: random.Random) -> None:
    balancer = Balancer(FIVE_SECONDS)
    break_circuit(balancer, ALL[0])
    others = {instance.url for instance in ALL[1:]}

    assert balancer.pick(ALL, 4.9, drawn.random) != ALL[0]
    assert balancer.pick(ALL, 4.9, drawn.random, avoid=others) != ALL[0]


def test_when_every_circuit_is_open_nobody_is_chosen_until_the_first_may_be_tried() -> None:
    balancer = Balancer(FIVE_SECONDS)
    for number, instance in enumerate(ALL):
        break_circuit(balancer, instance, now=float(number))

    assert balancer.pick(ALL, 3.5, random.random) is None
    assert not balancer.admits(ALL, 3.5)
    assert balancer.closed_for(ALL, 3.5) == 1.5
    assert balancer.pick(ALL, 5.0, random.random) == ALL[0]


def test_the_first_request_after_the_pause_tells_that_it_is_a_probe() -> None:
    balancer = Balancer()
    break_circuit(balancer, ALL[0])
    first, second = balancer.started(ALL[0]), balancer.started(ALL[0])

    assert first.transition is not None
    assert first.transition.after is BreakerState.HALF_OPEN
    assert second.transition is None


def test_a_replica_never_called_has_no_breaker_and_one_that_is_gone_has_none_any_more() -> None:
    balancer = Balancer()
    assert balancer.breaker(ALL[0]) is None
    break_circuit(balancer, ALL[0])
    assert balancer.breaker(ALL[0]) is not None
    balancer.pick(ALL[1:], 0.0, random.random)
    assert balancer.breaker(ALL[0]) is None


class BalancerMachine(RuleBasedStateMachine):
    """The books are right whatever comes and goes."""

    def __init__(self) -> None:
        super().__init__()
        self.balancer = Balancer()
        self.known: tuple[Instance, ...] = ALL
        self.flying: list[Admission] = []
        self.now = 0.0

    @rule(known=st.lists(st.sampled_from(ALL), unique=True).map(tuple))
    def replicas_change(self, known: tuple[Instance, ...]) -> None:
        self.known = known

    @rule(drawn=st.floats(0, 1, exclude_max=True), passed=st.floats(0, 5))
    def start(self, drawn: float, passed: float) -> None:
        self.now += passed
        instance = self.balancer.pick(self.known, self.now, lambda: drawn)
        assert (instance is None) == (not self.balancer.admits(self.known, self.now))
        if instance is not None:
            assert instance in self.known
            self.flying.append(self.balancer.started(instance))

    @precondition(lambda self: self.flying)
    @rule(which=st.integers(0, 1000), verdict=st.sampled_from(Verdict), reachable=st.booleans())
    def finish(self, which: int, verdict: Verdict, reachable: bool) -> None:
        admission = self.flying.pop(which % len(self.flying))
        admission.judge(verdict, self.now, lambda: 0.5, reachable=reachable)
        admission.finish()

    @invariant()
    def in_flight_is_counted_exactly(self) -> None:
        counted = Counter(admission.instance.url for admission in self.flying)
        assert {i.url: self.balancer.in_flight(i) for i in ALL} == {i.url: counted[i.url] for i in ALL}


TestBalancer = BalancerMachine.TestCase
