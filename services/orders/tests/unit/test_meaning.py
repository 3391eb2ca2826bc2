"""What a failed request says about a step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.client import UpstreamProblem
from chassis.client.errors import NoInstance, Unreachable
from chassis.errors import DeadlineExceeded
from orders.dependencies import meaning
from orders.domain.order import Reason
from orders.domain.saga import Compensation, Failed, Refused, Step

words = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=20)


def problem(status: int, reason: str = "some-reason") -> UpstreamProblem:
    return UpstreamProblem("payments", status, reason, "detail", {})


@pytest.mark.parametrize("status", [401, 403, 408, 409, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int) -> None:
    assert isinstance(meaning(Step.AUTHORISE_PAYMENT, problem(status)), Failed)


@pytest.mark.parametrize("step", [Step.COMMIT_RESERVATION, Step.CAPTURE_PAYMENT])
def test_a_key_in_flight_is_no_refusal(step: Step) -> None:
    assert isinstance(meaning(step, problem(409, "idempotency-key-in-flight")), Failed)


def test_what_no_further_try_changes_ends_the_saga() -> None:
    assert meaning(Step.RESERVE_STOCK, problem(422, "something-new")) == Refused(Reason.STEP_FAILED)


@given(st.sampled_from(Compensation), st.integers(400, 599), words)
def test_a_compensation_is_never_refused(compensation: Compensation, status: int, reason: str) -> None:
    assert isinstance(meaning(compensation, problem(status, reason)), Failed)


@pytest.mark.parametrize("step", Step)
def test_no_answer_is_no_refusal(step: Step) -> None:
    for error in (NoInstance("x"), Unreachable("x"), DeadlineExceeded()):
        assert isinstance(meaning(step, error), Failed)
