"""What left the window no longer counts."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.resilience.window import SLICES, CallWindow

CALLS = st.lists(st.tuples(st.floats(0, 8), st.booleans()), max_size=60)


def test_nothing_was_called_yet() -> None:
    window = CallWindow(10.0)

    assert (window.calls, window.bad) == (0, 0)


@given(CALLS)
def test_exactly_the_calls_of_the_last_ten_seconds_count_in_steps_of_one(calls: list[tuple[float, bool]]) -> None:
    window = CallWindow(10.0)
    now = 0.0
    made: list[tuple[int, bool]] = []
    for passed, bad in calls:
        now += passed
        window.add(now, bad=bad)
        made.append((int(now), bad))
        counted = [was_bad for second, was_bad in made if second > int(now) - SLICES]

        assert (window.calls, window.bad) == (len(counted), sum(counted))


@given(CALLS)
def test_a_cleared_window_has_seen_nothing(calls: list[tuple[float, bool]]) -> None:
    window = CallWindow(10.0)
    for now, bad in sorted(calls):
        window.add(now, bad=bad)
    window.clear()

    assert (window.calls, window.bad) == (0, 0)
    window.add(100.0, bad=True)
    assert (window.calls, window.bad) == (1, 1)
