from hypothesis import given
from hypothesis import strategies as st

from warden.decide import FIRST_DELAY, FORGIVEN_AFTER, LONGEST_DELAY, Exit, History, decide

exits = st.builds(Exit, st.one_of(st.none(), st.integers(-31, 255)), st.floats(0, 10_000))
jitters = st.floats(0, 1)


@given(st.lists(st.tuples(exits, jitters), max_size=60))
def test_every_exit_leads_to_one_restart_within_the_bounds(events: list[tuple[Exit, float]]) -> None:
    history = History()
    for exit_, jitter in events:
        history, restart = decide(history, exit_, jitter)
        assert FIRST_DELAY / 2 <= restart.after <= LONGEST_DELAY
        assert restart.reason
    assert history.restarts == len(events)


@given(st.integers(1, 40))
def test_without_jitter_the_delay_doubles_up_to_the_longest(count: int) -> None:
    history, delays = History(), []
    for _ in range(count):
        history, restart = decide(history, Exit(1, 0.0), 0.0)
        delays.append(restart.after)
    assert delays == [min(LONGEST_DELAY, FIRST_DELAY * 2**n) for n in range(count)]


@given(st.integers(0, 1000), jitters)
def test_a_minute_of_health_forgives_earlier_failures(failures: int, jitter: float) -> None:
    _, restart = decide(History(failures=failures), Exit(0, FORGIVEN_AFTER), jitter)
    assert restart.after <= FIRST_DELAY


@given(st.integers(1, 10), st.floats(0, FORGIVEN_AFTER, exclude_max=True))
def test_less_than_a_minute_of_health_does_not(failures: int, healthy_for: float) -> None:
    history, restart = decide(History(failures=failures), Exit(-9, healthy_for), 0.0)
    assert restart.after > FIRST_DELAY
    assert history.failures == failures + 1


def test_the_reason_tells_a_signal_from_a_code_and_from_an_adopted_process() -> None:
    assert decide(History(), Exit(-9, 12.3), 0.0)[1].reason == "ended by signal 9 after 12.3 s of health"
    assert decide(History(), Exit(3, 0.0), 0.0)[1].reason == "exited with code 3 before it was ready"
    assert decide(History(), Exit(None, 1.0), 0.0)[1].reason == "ended after 1.0 s of health"
