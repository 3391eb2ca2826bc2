"""Which failures are tried again, how soon, and how many in all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.resilience import Outcome, RetryBudget, RetryPolicy
from chassis.resilience.retry import is_repeatable, parse_retry_after

uniform = st.floats(0, 1, exclude_max=True)
outcomes = st.sampled_from(Outcome)


@given(made=st.integers(1, 50), drawn=uniform)
def test_backoff_is_jittered_from_zero_to_a_bound_that_grows_to_one_second(made: int, drawn: float) -> None:
    assert 0.0 <= RetryPolicy().backoff(made, lambda: drawn) <= min(1.0, 0.05 * 2 ** (made - 1))


@given(
    outcome=outcomes,
    made=st.integers(1, 9),
    repeatable=st.booleans(),
    remaining=st.floats(0, 60),
    retry_after=st.none() | st.floats(0, 60),
    drawn=uniform,
)
def test_a_retry_is_allowed_in_few_cases_only(
    *, outcome: Outcome, made: int, repeatable: bool, remaining: float, retry_after: float | None, drawn: float
) -> None:
    wait = RetryPolicy().wait(
        outcome,
        attempts_made=made,
        repeatable=repeatable,
        remaining=remaining,
        retry_after=retry_after,
        random=lambda: drawn,
    )
    if wait is None:
        return
    assert made < 3
    assert repeatable or outcome is Outcome.NOT_CONNECTED
    assert outcome is not Outcome.GARBLED
    assert wait >= (retry_after or 0.0)
    assert remaining - wait >= 0.020


@pytest.mark.parametrize(
    ("method", "key", "expected"),
    [("GET", False, True), ("PUT", False, True), ("POST", False, False), ("POST", True, True), ("PATCH", False, False)],
)
def test_what_may_be_sent_twice(method: str, key: bool, expected: bool) -> None:
    assert is_repeatable(method, has_idempotency_key=key) is expected


@given(st.text(max_size=12) | st.none())
def test_any_retry_after_is_seconds_or_nothing(value: str | None) -> None:
    parsed = parse_retry_after(value)
    assert parsed is None or parsed >= 0


def test_a_date_in_retry_after_is_ignored() -> None:
    assert parse_retry_after("Wed, 21 Oct 2026 07:28:00 GMT") is None
    assert parse_retry_after("2") == 2.0


steps = st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=400)


@given(steps)
def test_retries_stay_within_ten_percent_or_one_a_second(actions: list[tuple[float, bool]]) -> None:
    budget = RetryBudget()
    now = 0.0
    requests: list[float] = []
    retries: list[float] = []
    for passed, is_request in actions:
        now += passed
        if is_request:
            budget.deposit(now)
            requests.append(now)
        elif budget.withdraw(now):
            retries.append(now)
            recent = sum(1 for at in retries if now - at < 9.0)
            earned = sum(1 for at in requests if now - at <= 19.0)
            assert recent <= max(10, 0.1 * earned) + 1e-6


def test_a_service_that_only_fails_gets_ten_percent_more_load() -> None:
    budget = RetryBudget()
    retries = 0
    for n in range(20_000):
        now = n / 200
        budget.deposit(now)
        retries += budget.withdraw(now)
    assert 0.099 * 20_000 <= retries <= 0.1 * 20_000 + 10


def test_an_idle_caller_may_retry_ten_times_then_waits() -> None:
    budget = RetryBudget()
    assert [budget.withdraw(0.0) for _ in range(11)] == [True] * 10 + [False]
    assert not budget.withdraw(9.0)
    assert budget.withdraw(10.0)


def test_tokens_are_forgotten_after_ten_seconds() -> None:
    budget = RetryBudget()
    for _ in range(1000):
        budget.deposit(0.0)
    assert budget.available(5.0) == pytest.approx(100.0)
    assert budget.available(10.0) == 10.0
