"""The saga, walked step by step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orders.domain.order import Reason, Status
from orders.domain.saga import (
    BACKOFF_CAP,
    Compensation,
    Done,
    Failed,
    Finish,
    Payment,
    Refused,
    Saga,
    Step,
    Stock,
    apply,
    backoff,
    doubt,
    finish,
    next_action,
    request_cancel,
    steer,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=60)
FORWARD = [
    Step.VERIFY_CUSTOMER,
    Step.RESERVE_STOCK,
    Step.AUTHORISE_PAYMENT,
    Step.COMMIT_RESERVATION,
    Step.CAPTURE_PAYMENT,
]


def walk(saga: Saga, *, until: Step | None = None) -> Saga:
    """Go forward with every step done, up to `until` (not taken) or the end of asking."""
    while isinstance(action := next_action(saga), Step) and action is not until:
        saga = apply(saga, action, Done(reference=f"{action}-id"))
    return saga


def undo(saga: Saga) -> list[object]:
    """The actions that follow, each done, up to and with the finish."""
    taken: list[object] = []
    while (action := next_action(saga)) is not None:
        taken.append(action)
        saga = finish(saga) if isinstance(action, Finish) else apply(saga, action, Done("some-id"))
    return taken


def test_every_step_done_confirms_the_order() -> None:
    saga = Saga(deadline=LATER)
    taken = []
    while isinstance(action := next_action(saga), Step):
        taken.append(action)
        saga = apply(saga, action, Done("id"))
    assert taken == FORWARD
    assert action == Finish(Status.CONFIRMED)


@pytest.mark.parametrize(
    ("step", "undone"),
    [
        (Step.VERIFY_CUSTOMER, []),
        (Step.RESERVE_STOCK, []),
        (Step.AUTHORISE_PAYMENT, [Compensation.RELEASE_RESERVATION]),
        (Step.COMMIT_RESERVATION, [Compensation.VOID_PAYMENT, Compensation.RELEASE_RESERVATION]),
        (Step.CAPTURE_PAYMENT, [Compensation.VOID_PAYMENT, Compensation.RELEASE_RESERVATION]),
    ],
)
def test_a_refusal_undoes_what_was_done_before_it(step: Step, undone: list[Compensation]) -> None:
    saga = apply(walk(Saga(deadline=LATER), until=step), step, Refused(Reason.STEP_FAILED))
    assert saga.reason is Reason.STEP_FAILED
    assert undo(saga) == [*undone, Finish(Status.CANCELLED)]


def test_a_lost_answer_is_settled_before_it_is_undone() -> None:
    saga = walk(Saga(deadline=LATER), until=Step.AUTHORISE_PAYMENT)
    saga = steer(apply(saga, Step.AUTHORISE_PAYMENT, Failed("timeout")), LATER)
    assert saga.reason is Reason.TIMED_OUT
    assert undo(saga) == [
        Step.AUTHORISE_PAYMENT,
        Compensation.VOID_PAYMENT,
        Compensation.RELEASE_RESERVATION,
        Finish(Status.CANCELLED),
    ]


def test_a_refusal_while_settling_leaves_nothing_to_undo_and_keeps_the_first_reason() -> None:
    saga = doubt(walk(Saga(deadline=LATER), until=Step.AUTHORISE_PAYMENT))
    saga = apply(steer(saga, LATER), Step.AUTHORISE_PAYMENT, Refused(Reason.CARD_DECLINED))
    assert saga.reason is Reason.TIMED_OUT
    assert undo(saga) == [Compensation.RELEASE_RESERVATION, Finish(Status.CANCELLED)]


def test_a_capture_in_doubt_is_never_turned_back_by_time_or_customer() -> None:
    saga = doubt(walk(Saga(deadline=LATER), until=Step.CAPTURE_PAYMENT))
    saga = request_cancel(saga, LATER)
    assert next_action(steer(saga, LATER)) is Step.CAPTURE_PAYMENT


def test_a_cancellation_during_capture_refunds_instead_of_confirming() -> None:
    saga = request_cancel(walk(Saga(deadline=LATER), until=Step.CAPTURE_PAYMENT), LATER)
    saga = steer(apply(saga, Step.CAPTURE_PAYMENT, Done()), NOW)
    assert undo(saga) == [
        Compensation.REFUND_PAYMENT,
        Compensation.RELEASE_RESERVATION,
        Finish(Status.CANCELLED),
    ]


def test_time_alone_never_takes_back_a_captured_payment() -> None:
    saga = walk(Saga(deadline=LATER))
    assert next_action(steer(saga, LATER + timedelta(days=1))) == Finish(Status.CONFIRMED)


def test_cancelling_a_confirmed_order_refunds_and_returns_the_stock() -> None:
    confirmed = finish(walk(Saga(deadline=LATER)))
    saga = request_cancel(confirmed, LATER + timedelta(hours=1))
    assert confirmed.status is Status.CONFIRMED
    assert saga.deadline == LATER + timedelta(hours=1)
    assert undo(saga) == [
        Compensation.REFUND_PAYMENT,
        Compensation.RELEASE_RESERVATION,
        Finish(Status.CANCELLED),
    ]


def test_cancelling_twice_changes_nothing() -> None:
    cancelled = finish(Saga(deadline=LATER, backward=True, reason=Reason.CARD_DECLINED))
    assert request_cancel(cancelled, LATER) == cancelled
    asked = request_cancel(Saga(deadline=LATER), LATER)
    assert request_cancel(asked, LATER) == asked


def test_a_failure_counts_and_success_starts_the_count_anew() -> None:
    saga = apply(Saga(deadline=LATER), Step.VERIFY_CUSTOMER, Failed("503"))
    saga = apply(saga, Step.VERIFY_CUSTOMER, Failed("503"))
    assert saga.attempts == 2
    assert apply(saga, Step.VERIFY_CUSTOMER, Done()).attempts == 0


def test_only_the_next_action_can_be_applied() -> None:
    with pytest.raises(ValueError, match="not the next action"):
        apply(Saga(deadline=LATER), Step.CAPTURE_PAYMENT, Done())


def test_a_compensation_cannot_be_refused() -> None:
    saga = replace(Saga(deadline=LATER), backward=True, stock=Stock.HELD)
    with pytest.raises(ValueError, match="retried until"):
        apply(saga, Compensation.RELEASE_RESERVATION, Refused(Reason.STEP_FAILED))


def test_the_card_is_needed_until_the_authorisation_is_known() -> None:
    saga = Saga(deadline=LATER)
    assert saga.needs_card
    assert doubt(walk(saga, until=Step.AUTHORISE_PAYMENT)).needs_card
    assert not replace(saga, payment=Payment.AUTHORISED).needs_card
    assert not finish(saga).needs_card


def test_the_backoff_grows_and_is_bounded() -> None:
    ceilings = [backoff(attempts, lambda _low, high: high) for attempts in range(1, 100)]
    assert ceilings == sorted(ceilings)
    assert ceilings[0] == 0.2
    assert ceilings[-1] == BACKOFF_CAP
