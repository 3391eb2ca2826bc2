"""A breaker opens on many bad calls, tries again later and later, and closes when all probes are good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from chassis.resilience import Breaker, BreakerConfig, BreakerState, Transition, Verdict

CONFIG = BreakerConfig(open_first=5.0)
EXACT = replace(CONFIG, jitter=0.0)
DOUBLING = [5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0]


def middle() -> float:
    return 0.5


def call(breaker: Breaker, verdict: Verdict, now: float) -> Transition | None:
    """One admitted call from beginning to end; the change its end makes."""
    assert breaker.admits(now)
    breaker.begin()
    return breaker.end(breaker.era, verdict, now, middle)


def opened(config: BreakerConfig = EXACT, now: float = 0.0) -> Breaker:
    breaker = Breaker(config)
    for _ in range(config.calls):
        call(breaker, Verdict.BAD, now)
    assert breaker.state(now) is BreakerState.OPEN
    return breaker


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_it_opens_at_the_first_call_that_makes_half_of_twenty_bad(bad: list[bool]) -> None:
    breaker = Breaker(CONFIG)
    for made in range(1, len(bad) + 1):
        change = call(breaker, Verdict.BAD if bad[made - 1] else Verdict.GOOD, 0.0)
        expected = made >= 20 and sum(bad[:made]) * 2 >= made

        assert (change is not None) == expected
        if change is not None:
            assert (change.before, change.after) == (BreakerState.CLOSED, BreakerState.OPEN)
            return


def test_calls_that_say_nothing_are_not_counted() -> None:
    breaker = Breaker(CONFIG)
    for _ in range(100):
        assert call(breaker, Verdict.NEITHER, 0.0) is None
    for _ in range(19):
        assert call(breaker, Verdict.BAD, 0.0) is None
    assert call(breaker, Verdict.BAD, 0.0) is not None


def test_bad_calls_spread_over_more_than_the_window_do_not_open_it() -> None:
    breaker = Breaker(CONFIG)
    for second in range(200):
        assert call(breaker, Verdict.BAD, second * 0.6) is None


def test_open_it_admits_nothing_and_tells_until_when() -> None:
    breaker = opened(now=100.0)

    assert not breaker.admits(104.99)
    assert breaker.closed_for(101.0) == pytest.approx(4.0)
    assert breaker.state(104.99) is BreakerState.OPEN
    assert breaker.admits(105.0)
    assert breaker.closed_for(106.0) == 0.0
    assert breaker.state(105.0) is BreakerState.HALF_OPEN


def test_half_open_it_admits_three_probes_and_closes_when_all_are_good() -> None:
    breaker = opened()
    change = breaker.begin()
    assert change == Transition(BreakerState.OPEN, BreakerState.HALF_OPEN)
    era = breaker.era
    assert breaker.begin() is None
    assert breaker.begin() is None
    assert not breaker.admits(5.0)

    assert breaker.end(era, Verdict.GOOD, 5.1, middle) is None
    assert breaker.end(era, Verdict.GOOD, 5.2, middle) is None
    assert not breaker.admits(5.2)
    assert breaker.end(era, Verdict.GOOD, 5.3, middle) == Transition(BreakerState.HALF_OPEN, BreakerState.CLOSED)
    assert breaker.state(5.3) is BreakerState.CLOSED


def test_a_probe_that_says_nothing_gives_its_place_back() -> None:
    breaker = opened()
    for _ in range(10):
        assert call(breaker, Verdict.NEITHER, 5.0) is None
    assert breaker.state(5.0) is BreakerState.HALF_OPEN
    assert breaker.admits(5.0)


def test_each_failed_probing_doubles_the_time_up_to_a_minute_and_success_resets_it() -> None:
    breaker, now, lasted = opened(), 0.0, []
    for _ in DOUBLING:
        lasted.append(breaker.closed_for(now))
        now += lasted[-1]
        call(breaker, Verdict.BAD, now)
    assert lasted == pytest.approx(DOUBLING)
    now += breaker.closed_for(now)
    for _ in range(3):
        call(breaker, Verdict.GOOD, now)
    for _ in range(20):
        call(breaker, Verdict.BAD, now)
    assert breaker.closed_for(now) == pytest.approx(5.0)


@given(st.floats(0, 1, exclude_max=True))
def test_the_time_open_varies_by_a_fifth(drawn: float) -> None:
    breaker = Breaker(CONFIG)
    for _ in range(20):
        breaker.begin()
        change = breaker.end(breaker.era, Verdict.BAD, 0.0, lambda: drawn)
    assert change is not None
    assert change.open_s == pytest.approx(5.0 * (0.8 + 0.4 * drawn))
    assert breaker.closed_for(0.0) == pytest.approx(change.open_s)


def test_what_began_before_a_change_says_nothing_after_it() -> None:
    breaker = Breaker(EXACT)
    late = breaker.era
    for _ in range(21):
        breaker.begin()
    for _ in range(20):
        breaker.end(late, Verdict.BAD, 0.0, middle)
    assert breaker.end(late, Verdict.BAD, 1.0, middle) is None
    assert breaker.closed_for(0.0) == pytest.approx(5.0)
    breaker.begin()
    for _ in range(5):
        assert breaker.end(late, Verdict.GOOD, 5.0, middle) is None
    assert breaker.state(5.0) is BreakerState.HALF_OPEN


def test_disabled_it_never_opens() -> None:
    breaker = Breaker(replace(CONFIG, enabled=False))
    for _ in range(1000):
        assert call(breaker, Verdict.BAD, 0.0) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": 0.0},
        {"calls": 0},
        {"bad_share": 0.0},
        {"bad_share": 1.1},
        {"slow": 0.0},
        {"open_first": 0.0},
        {"open_first": 61.0},
        {"jitter": 1.0},
        {"probes": 0},
    ],
)
def test_a_figure_without_sense_is_named(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"circuit breaker, {next(iter(wrong))}"):
        BreakerConfig(**wrong)  # type: ignore[arg-type]


class BreakerMachine(RuleBasedStateMachine):
    """Whatever happens in whatever order, the promises hold."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(CONFIG)
        self.now = 0.0
        self.flying: list[int] = []
        self.opened_at: float | None = None
        self.openings = 0

    @rule(passed=st.sampled_from([0.0, 0.01, 1.0, 4.0, 30.0, 75.0]))
    def time_passes(self, passed: float) -> None:
        self.now += passed

    @precondition(lambda self: self.breaker.admits(self.now))
    @rule(calls=st.integers(1, 25))
    def begin(self, calls: int) -> None:
        for _ in range(calls):
            if self.breaker.admits(self.now):
                self._note(self.breaker.begin())
                self.flying.append(self.breaker.era)

    @precondition(lambda self: self.flying)
    @rule(
        calls=st.integers(1, 25),
        which=st.integers(0, 1000),
        verdict=st.sampled_from(Verdict),
        drawn=st.floats(0, 1, exclude_max=True),
    )
    def end(self, calls: int, which: int, verdict: Verdict, drawn: float) -> None:
        for _ in range(min(calls, len(self.flying))):
            era = self.flying.pop(which % len(self.flying))
            self._note(self.breaker.end(era, verdict, self.now, lambda: drawn))

    def _note(self, change: Transition | None) -> None:
        if change is None:
            return
        if change.after is BreakerState.OPEN:
            self.openings += 1
            bound = min(60.0, 5.0 * 2.0 ** (self.openings - 1))
            assert 0.8 * bound <= change.open_s <= 1.2 * bound
        elif change.after is BreakerState.CLOSED:
            assert change.before is BreakerState.HALF_OPEN
            self.openings = 0
        else:
            assert change.before is BreakerState.OPEN

    @invariant()
    def no_more_than_three_probes_are_under_way(self) -> None:
        if self.breaker.state(self.now) is BreakerState.HALF_OPEN:
            assert self.flying.count(self.breaker.era) <= 3

    @invariant()
    def it_is_never_shut_for_good(self) -> None:
        assert self.breaker.closed_for(self.now) <= 72.0
        under_way = self.flying.count(self.breaker.era)
        assert under_way or self.breaker.admits(self.now + self.breaker.closed_for(self.now) + 1e-6)


TestBreaker = BreakerMachine.TestCase
