"""The adaptive limit: bounded, calm while requests take as long as ever, lower when they wait for each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.resilience.gradient import Gradient
from chassis.resilience.requests import RequestLimits

CONFIG = RequestLimits()
seconds = st.floats(0.0001, 5.0)


def window(each: float, count: int = 20, route: str = "GET /things") -> dict[str, tuple[int, float]]:
    return {route: (count, count * each)}


@given(st.lists(st.tuples(seconds, st.integers(1, 500), st.sampled_from(["a", "b", "c"]), st.booleans())))
def test_the_limit_stays_within_its_bounds(windows: list[tuple[float, int, str, bool]]) -> None:
    gradient = Gradient(CONFIG)
    for each, count, route, busy in windows:
        limit = gradient.update(window(each, count, route), busy=busy)
        assert CONFIG.concurrency_min <= limit == gradient.limit <= CONFIG.concurrency_max


@given(st.lists(seconds))
def test_an_idle_process_learns_nothing_about_its_limit(durations: list[float]) -> None:
    gradient = Gradient(CONFIG)
    for each in durations:
        assert gradient.update(window(each), busy=False) == CONFIG.concurrency_start


@given(seconds)
def test_it_grows_to_the_most_while_requests_take_as_long_as_ever(each: float) -> None:
    gradient = Gradient(CONFIG)
    for _ in range(300):
        gradient.update(window(each), busy=True)
    assert gradient.limit == CONFIG.concurrency_max


@given(st.integers(5, 30), st.floats(0.002, 0.1))
def test_it_settles_near_what_the_process_can_do_at_once(places: int, each: float) -> None:
    """A process with so many places: more requests than that wait for each other, and take longer in proportion."""
    gradient = Gradient(CONFIG)
    for _ in range(20):
        gradient.update(window(each), busy=False)
    for _ in range(60):
        gradient.update(window(each * max(1.0, gradient.limit / places)), busy=True)
    assert places <= gradient.limit <= 2 * places + 8


@given(st.lists(st.integers(0, 40), min_size=40, max_size=80))
def test_another_mix_of_quick_and_slow_routes_is_no_congestion(mixes: list[int]) -> None:
    gradient = Gradient(CONFIG)
    before = gradient.limit
    for slow in mixes:
        limit = gradient.update(
            {"quick": (41 - slow, (41 - slow) * 0.001), "slow": (1 + slow, (1 + slow) * 0.2)}, busy=True
        )
        assert limit >= before
        before = limit


def test_after_an_overload_the_usual_time_comes_back_down() -> None:
    gradient = Gradient(CONFIG)
    for _ in range(300):
        gradient.update(window(1.0), busy=True)
    for _ in range(80):
        gradient.update(window(0.01), busy=True)
    low = [gradient.update(window(0.1), busy=True) for _ in range(40)]
    assert low[-1] < low[0]


@pytest.mark.parametrize(
    ("figures", "rule"),
    [
        ({"concurrency_start": 300}, "concurrency_start: from concurrency_min to concurrency_max"),
        ({"smoothing": 0.0}, "smoothing: above 0, at most 1"),
        ({"prefetch_share": 0.5}, "prefetch_share: above 0, at most background_share"),
        ({"json_depth": 0}, "json_depth: 1 to 500"),
    ],
)
def test_figures_that_cannot_work_are_refused(figures: dict[str, float], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        RequestLimits(**figures)  # type: ignore[arg-type]
