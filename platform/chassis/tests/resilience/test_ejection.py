"""Which replica is left out, for how long, and when it is back."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from chassis.resilience import Ejection, EjectionConfig, Verdict

EXACT = EjectionConfig(jitter=0.0)
STEPS = st.lists(st.tuples(st.floats(0, 3), st.sampled_from(Verdict), st.booleans()), max_size=80)


def middle() -> float:
    return 0.5


def test_the_fifth_failure_in_a_row_leaves_a_replica_out() -> None:
    ejection = Ejection(EXACT)

    said = [ejection.end(Verdict.BAD, 0.0, middle, reachable=True) for _ in range(6)]

    assert said == [None, None, None, None, 1.0, None]
    assert ejection.until == 1.0


def test_one_that_cannot_be_reached_is_left_out_at_once() -> None:
    assert Ejection(EXACT).end(Verdict.BAD, 0.0, middle, reachable=False) == 1.0


def test_each_further_failure_leaves_it_out_for_twice_as_long_up_to_half_a_minute() -> None:
    ejection, said, now = Ejection(EXACT), [], 0.0
    for _ in range(7):
        seconds = ejection.end(Verdict.BAD, now, middle, reachable=False)
        assert seconds is not None
        said.append(seconds)
        now += seconds

    assert said == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_after_it_was_left_out_one_failure_is_enough_and_one_good_call_makes_it_whole() -> None:
    ejection = Ejection(EXACT)
    for _ in range(5):
        ejection.end(Verdict.BAD, 0.0, middle, reachable=True)

    assert ejection.end(Verdict.BAD, 1.0, middle, reachable=True) == 2.0
    assert ejection.end(Verdict.GOOD, 1.5, middle, reachable=True) is None
    assert ejection.until == 0.0
    assert ejection.end(Verdict.BAD, 4.0, middle, reachable=True) is None


def test_one_that_is_switched_off_leaves_nobody_out() -> None:
    ejection = Ejection(EjectionConfig(enabled=False))
    assert [ejection.end(Verdict.BAD, 0.0, middle, reachable=False) for _ in range(9)] == [None] * 9


@given(STEPS, st.floats(0, 1, exclude_max=True))
def test_it_is_left_out_only_after_enough_failures_since_the_last_good_call(
    steps: list[tuple[float, Verdict, bool]], drawn: float
) -> None:
    ejection, now, bad, times = Ejection(EjectionConfig()), 0.0, 0, count()
    for passed, verdict, reachable in steps:
        now += passed
        was_out = now < ejection.until
        seconds = ejection.end(verdict, now, lambda: drawn, reachable=reachable)
        if verdict is Verdict.GOOD:
            bad, times = 0, count()
            assert ejection.until == 0.0
        bad += verdict is Verdict.BAD
        due = verdict is Verdict.BAD and not was_out and (bad >= 5 or not reachable)
        assert (seconds is not None) == due
        if seconds is not None:
            usual = min(30.0, 2.0 ** next(times))
            assert 0.8 * usual <= seconds <= 1.2 * usual
            assert ejection.until == now + seconds
