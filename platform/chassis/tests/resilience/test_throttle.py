"""How many calls are kept back from a service that sheds load."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.resilience import Throttle, ThrottleConfig

REPLIES = st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=120)


@given(REPLIES)
def test_the_share_follows_the_formula_over_the_window(replies: list[tuple[float, bool]]) -> None:
    throttle, now = Throttle(ThrottleConfig(window=10.0)), 0.0
    seen: list[tuple[int, bool]] = []
    for passed, accepted in replies:
        now += passed
        throttle.accepted(now) if accepted else throttle.refused(now, 1.0)
        seen.append((int(now), accepted))
        lately = [was_accepted for second, was_accepted in seen if second > int(now) - 10]
        wanted = (len(lately) - 2 * sum(lately)) / (len(lately) + 1) if len(lately) >= 20 else 0.0

        assert throttle.share(now) == pytest.approx(min(0.9, max(0.0, wanted)))


@given(st.integers(0, 500), st.floats(0, 9))
def test_a_service_that_refuses_no_more_than_half_gets_every_call(pairs: int, now: float) -> None:
    throttle = Throttle()
    for _ in range(pairs):
        throttle.accepted(now)
        throttle.refused(now, 1.0)

    assert not throttle.keeps_back(now, lambda: 0.0)


def test_a_service_that_refuses_everything_still_gets_a_tenth() -> None:
    throttle, draw = Throttle(), random.Random(1).random
    sent = 0
    for n in range(10_000):
        now = n / 1000
        if not throttle.keeps_back(now, draw):
            sent += 1
            throttle.refused(now, 1.0)

    assert 900 <= sent <= 1150


def test_a_service_that_has_recovered_gets_every_call_again_after_six_seconds() -> None:
    throttle, draw = Throttle(), random.Random(1).random
    for _ in range(500):
        throttle.refused(0.0, 1.0)
    assert throttle.share(0.0) == 0.9

    for n in range(1, 650):
        if not throttle.keeps_back(n / 100, draw):
            throttle.accepted(n / 100)

    assert throttle.share(6.5) == 0.0


def test_when_to_come_back_is_what_the_service_said_last_but_no_longer_than_the_window() -> None:
    throttle = Throttle()
    throttle.refused(0.0, 3.0)
    assert throttle.retry_after == 3.0
    throttle.refused(0.0, 3600.0)
    assert throttle.retry_after == 60.0


def test_one_that_is_switched_off_keeps_nothing_back() -> None:
    throttle = Throttle(ThrottleConfig(enabled=False))
    for _ in range(100):
        throttle.refused(0.0, 1.0)
    assert throttle.share(0.0) == 0.0
