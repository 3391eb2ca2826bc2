"""The saga that carries an order to its end: pure decisions, no effects.

The saga holds what is known of two things it owns elsewhere, a reservation and a payment. What to do next follows from
that knowledge and the direction alone, so that any process can go on where another stopped:

    forward   verify customer → reserve stock → authorise payment → commit reservation → capture payment → confirmed
    backward  void or refund the payment → release the reservation → cancelled

Capture is the pivot. Before it, a refusal, the deadline or the customer turns the saga back; once it was begun it is
retried until its outcome is known. A step whose answer was lost leaves its thing `UNKNOWN`: it is settled by asking
again under the same idempotency key before anything is undone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from orders.domain.order import Reason, Status

BACKOFF_FIRST = 0.2
"""Seconds; ceiling of the first delay before a step is tried again."""
BACKOFF_CAP = 8.0
"""Seconds; keeps every open saga moving within ten seconds of a dependency's return."""


class Step(StrEnum):
    """A forward step; asking for it twice has one effect."""

    VERIFY_CUSTOMER = "verify_customer"
    RESERVE_STOCK = "reserve_stock"
    AUTHORISE_PAYMENT = "authorise_payment"
    COMMIT_RESERVATION = "commit_reservation"
    CAPTURE_PAYMENT = "capture_payment"


class Compensation(StrEnum):
    """What takes back the effect of a step; asking for it twice has one effect."""

    VOID_PAYMENT = "void_payment"
    REFUND_PAYMENT = "refund_payment"
    RELEASE_RESERVATION = "release_reservation"


class Stock(StrEnum):
    """What is known of the reservation."""

    NONE = "none"
    UNKNOWN = "unknown"
    HELD = "held"
    SOLD = "sold"
    RELEASED = "released"


class Payment(StrEnum):
    """What is known of the payment; `CAPTURING` is a capture whose outcome is not known."""

    NONE = "none"
    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    CAPTURING = "capturing"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saga:
    """What is known and wanted; `attempts` counts failed tries of the next action."""

    deadline: datetime
    open: bool = True
    backward: bool = False
    customer_verified: bool = False
    stock: Stock = Stock.NONE
    payment: Payment = Payment.NONE
    reservation_id: str | None = None
    payment_id: str | None = None
    cancel_requested: bool = False
    reason: Reason | None = None
    attempts: int = 0

    @property
    def status(self) -> Status:
        """What the saga has made of its order; one that is reopened counts as pending."""
        if self.open:
            return Status.PENDING
        return Status.CANCELLED if self.backward else Status.CONFIRMED

    @property
    def needs_card(self) -> bool:
        """Whether an authorisation may still have to be asked for."""
        return self.open and self.payment in {Payment.NONE, Payment.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is left to ask of others: the order takes this status."""

    status: Status


@dataclass(frozen=True, slots=True)
class Done:
    """The callee did it; `reference` is the reservation's or the payment's id where the step makes one."""

    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The callee said no, for good; nothing was done."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer, or none that settles it: it may have been done all the same."""

    error: str


Action = Step | Compensation | Finish
Outcome = Done | Refused | Failed


def next_action(saga: Saga) -> Action | None:
    """What the saga does next; None when it is closed."""
    if not saga.open:
        return None
    return _backward(saga) if saga.backward else _forward(saga)


def steer(saga: Saga, now: datetime) -> Saga:
    """Turn the saga back when its customer wants so or its time is up, if it still can."""
    if not saga.open or saga.backward or saga.payment is Payment.CAPTURING:
        return saga
    if saga.cancel_requested:
        return _turn_back(saga, Reason.CANCELLED_BY_CUSTOMER)
    if now >= saga.deadline and saga.payment is not Payment.CAPTURED:
        return _turn_back(saga, Reason.TIMED_OUT)
    return saga


def apply(saga: Saga, action: Step | Compensation, outcome: Outcome) -> Saga:
    """The saga after `action`, which must be its next one, had this outcome.

    Raises:
        ValueError: the saga has another next action.
    """
    if next_action(saga) != action:
        raise ValueError(f"{action} is not the next action of {saga}")
    match outcome:
        case Done(reference):
            return replace(_done(saga, action, reference), attempts=0)
        case Refused(reason):
            return replace(_refused(saga, action, reason), attempts=0)
        case Failed():
            return replace(doubt(saga), attempts=saga.attempts + 1)


def doubt(saga: Saga) -> Saga:
    """The saga when its next action may have been asked for without its outcome being known."""
    match next_action(saga):
        case Step.RESERVE_STOCK:
            return replace(saga, stock=Stock.UNKNOWN)
        case Step.AUTHORISE_PAYMENT:
            return replace(saga, payment=Payment.UNKNOWN)
        case Step.CAPTURE_PAYMENT:
            return replace(saga, payment=Payment.CAPTURING)
        case _:
            return saga


def finish(saga: Saga) -> Saga:
    """The saga closed; its direction says how it ended."""
    return replace(saga, open=False, cancel_requested=False, attempts=0)


def request_cancel(saga: Saga, deadline: datetime) -> Saga:
    """The saga after its customer asked to cancel; a cancelled order stays as it is.

    A confirmed order is reopened and refunded, with a new `deadline` after which it counts as stuck.
    """
    if saga.backward:
        return saga
    if saga.open:
        return replace(saga, cancel_requested=True)
    return _turn_back(replace(saga, open=True, deadline=deadline), Reason.CANCELLED_BY_CUSTOMER)


def backoff(attempts: int, uniform: Callable[[float, float], float]) -> float:
    """Seconds to wait after the given number of failed tries: exponential, full jitter."""
    ceiling = min(BACKOFF_CAP, BACKOFF_FIRST * 2.0 ** min(max(attempts - 1, 0), 30))
    return uniform(0.0, ceiling)


def _forward(saga: Saga) -> Action:
    if not saga.customer_verified:
        return Step.VERIFY_CUSTOMER
    if saga.stock in {Stock.NONE, Stock.UNKNOWN}:
        return Step.RESERVE_STOCK
    if saga.payment in {Payment.NONE, Payment.UNKNOWN}:
        return Step.AUTHORISE_PAYMENT
    if saga.stock is Stock.HELD:
        return Step.COMMIT_RESERVATION
    if saga.payment is not Payment.CAPTURED:
        return Step.CAPTURE_PAYMENT
    return Finish(Status.CONFIRMED)


def _backward(saga: Saga) -> Action:
    match saga.payment:
        case Payment.UNKNOWN:
            return Step.AUTHORISE_PAYMENT
        case Payment.AUTHORISED:
            return Compensation.VOID_PAYMENT
        case Payment.CAPTURED:
            return Compensation.REFUND_PAYMENT
        case _:
            pass
    match saga.stock:
        case Stock.UNKNOWN:
            return Step.RESERVE_STOCK
        case Stock.HELD | Stock.SOLD:
            return Compensation.RELEASE_RESERVATION
        case _:
            return Finish(Status.CANCELLED)


def _turn_back(saga: Saga, reason: Reason) -> Saga:
    return replace(saga, backward=True, reason=saga.reason or reason, attempts=0)


def _done(saga: Saga, action: Step | Compensation, reference: str | None) -> Saga:
    match action:
        case Step.VERIFY_CUSTOMER:
            return replace(saga, customer_verified=True)
        case Step.RESERVE_STOCK:
            return replace(saga, stock=Stock.HELD, reservation_id=reference)
        case Step.AUTHORISE_PAYMENT:
            return replace(saga, payment=Payment.AUTHORISED, payment_id=reference)
        case Step.COMMIT_RESERVATION:
            return replace(saga, stock=Stock.SOLD)
        case Step.CAPTURE_PAYMENT:
            return replace(saga, payment=Payment.CAPTURED)
        case Compensation():
            return _undone(saga, action)


def _undone(saga: Saga, compensation: Compensation) -> Saga:
    match compensation:
        case Compensation.VOID_PAYMENT:
            return replace(saga, payment=Payment.VOIDED)
        case Compensation.REFUND_PAYMENT:
            return replace(saga, payment=Payment.REFUNDED)
        case Compensation.RELEASE_RESERVATION:
            return replace(saga, stock=Stock.RELEASED)


def _refused(saga: Saga, action: Step | Compensation, reason: Reason) -> Saga:
    match action:
        case Step.RESERVE_STOCK:
            saga = replace(saga, stock=Stock.NONE)
        case Step.AUTHORISE_PAYMENT:
            saga = replace(saga, payment=Payment.NONE)
        case Step.CAPTURE_PAYMENT:
            saga = replace(saga, payment=Payment.AUTHORISED)
        case Compensation():
            raise ValueError(f"{action} cannot be refused: it is retried until it is done")
        case _:
            pass
    return saga if saga.backward else _turn_back(saga, reason)
