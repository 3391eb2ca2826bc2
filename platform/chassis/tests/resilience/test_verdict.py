"""What counts against a replica, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.resilience import Outcome, Verdict
from chassis.resilience.verdict import verdict_on_broken_body, verdict_on_reply, verdict_on_timeout


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504])
def test_a_server_error_is_bad(status: int) -> None:
    assert verdict_on_reply(status=status, excused=False, seconds=0.01, slow=1.0) is Verdict.BAD


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_replica_that_sheds_or_names_the_culprit_is_not_judged(status: int) -> None:
    assert verdict_on_reply(status=status, excused=True, seconds=9.0, slow=1.0) is Verdict.NEITHER


@given(st.integers(200, 499).filter(lambda status: status != 429))
def test_a_refusal_is_as_good_as_a_success(status: int) -> None:
    assert verdict_on_reply(status=status, excused=False, seconds=0.99, slow=1.0) is Verdict.GOOD


def test_too_many_requests_is_not_judged_with_or_without_a_time_to_come_back() -> None:
    assert verdict_on_reply(status=429, excused=False, seconds=0.0, slow=1.0) is Verdict.NEITHER


@pytest.mark.parametrize("status", [200, 404])
def test_a_slow_reply_is_bad(status: int) -> None:
    assert verdict_on_reply(status=status, excused=False, seconds=1.0, slow=1.0) is Verdict.BAD


@pytest.mark.parametrize(
    ("limit", "usual", "expected"),
    [
        (1.0, 1.0, Verdict.BAD),
        (4.5, 5.0, Verdict.BAD),
        (0.5, 1.0, Verdict.BAD),
        (0.49, 1.0, Verdict.NEITHER),
        (0.1, 1.0, Verdict.NEITHER),
    ],
    ids=["usual time", "shared with the caller", "half", "less", "much less"],
)
def test_a_timeout_is_bad_unless_the_caller_had_no_time(limit: float, usual: float, expected: Verdict) -> None:
    assert verdict_on_timeout(seconds=limit, limit=limit, usual=usual) is expected


@given(st.floats(0.01, 60), st.floats(0, 0.09))
def test_a_timer_may_be_a_little_late(limit: float, late: float) -> None:
    assert verdict_on_timeout(seconds=limit + late, limit=limit, usual=limit) is Verdict.BAD


@given(st.floats(0.01, 60), st.floats(0.11, 10))
def test_a_timer_that_is_much_too_late_says_nothing_of_the_replica(limit: float, late: float) -> None:
    assert verdict_on_timeout(seconds=limit + late, limit=limit, usual=limit) is Verdict.NEITHER


@pytest.mark.parametrize("failure", [Outcome.CONNECTION_LOST, Outcome.GARBLED])
def test_a_body_that_breaks_off_is_bad(failure: Outcome) -> None:
    assert verdict_on_broken_body(failure) is Verdict.BAD


def test_a_body_that_is_taken_slowly_is_not_the_replicas_fault() -> None:
    assert verdict_on_broken_body(Outcome.TIMED_OUT) is Verdict.NEITHER
