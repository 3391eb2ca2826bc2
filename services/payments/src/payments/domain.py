"""The rules for payments: pure, standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's minor unit (cents), with its ISO 4217 code."""

    amount_minor: int
    currency: str


class Status(StrEnum):
    """The life of a payment: pending → authorised → captured → refunded, or → declined, or → voided."""

    PENDING = "pending"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"


class Kind(StrEnum):
    """What the provider can be instructed to do."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Operation:
    """One instruction to the provider: what, and for how much (minor units)."""

    kind: Kind
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Payment:
    """What the rules need to know of a payment; amounts in minor units of one currency.

    `cancelled` says that its order is cancelled, so that whatever is left is to be given back.
    """

    status: Status
    amount_minor: int
    refunded_minor: int = 0
    cancelled: bool = False

    @property
    def captured_minor(self) -> int:
        """What was taken from the customer, refunds not subtracted."""
        return self.amount_minor if self.status in {Status.CAPTURED, Status.REFUNDED} else 0

    @property
    def refundable_minor(self) -> int:
        """What was taken and not given back."""
        return self.captured_minor - self.refunded_minor


class RefusedOperationError(Exception):
    """The payment is in a status that does not allow this operation."""

    def __init__(self, kind: Kind, status: Status) -> None:
        super().__init__(f"cannot {kind} a payment that is {status}")
        self.kind = kind
        self.status = status


class CancelledError(Exception):
    """The order is cancelled: its money is on the way back and cannot be captured."""


class RefundTooLargeError(ValueError):
    """More was asked back than is left of what was captured."""

    def __init__(self, refundable_minor: int) -> None:
        super().__init__(f"at most {refundable_minor} can be refunded")
        self.refundable_minor = refundable_minor


def capture(payment: Payment) -> Operation | None:
    """Take what is held; None when it was taken already.

    Raises:
        CancelledError: when the order was cancelled in the meantime.
        RefusedOperationError: when nothing is held.
    """
    if payment.status in {Status.CAPTURED, Status.REFUNDED}:
        return None
    if payment.status is not Status.AUTHORISED:
        raise RefusedOperationError(Kind.CAPTURE, payment.status)
    if payment.cancelled:
        raise CancelledError
    return Operation(Kind.CAPTURE, payment.amount_minor)


def void(payment: Payment) -> Operation | None:
    """Let go of what is held; None when nothing is held or was ever taken.

    Raises:
        RefusedOperationError: when it was captured (refund it), or the provider's answer is still open.
    """
    if payment.status in {Status.VOIDED, Status.DECLINED}:
        return None
    if payment.status is not Status.AUTHORISED:
        raise RefusedOperationError(Kind.VOID, payment.status)
    return Operation(Kind.VOID, payment.amount_minor)


def refund(payment: Payment, amount_minor: int | None) -> Operation | None:
    """Give back `amount_minor`, or all that is left when None; None when all was given back and all was asked.

    Raises:
        RefundTooLargeError: when less is left.
        RefusedOperationError: when nothing was captured.
    """
    if payment.status not in {Status.CAPTURED, Status.REFUNDED}:
        raise RefusedOperationError(Kind.REFUND, payment.status)
    if amount_minor is None:
        return Operation(Kind.REFUND, payment.refundable_minor) if payment.refundable_minor else None
    if amount_minor > payment.refundable_minor:
        raise RefundTooLargeError(payment.refundable_minor)
    return Operation(Kind.REFUND, amount_minor)


def give_back(payment: Payment) -> Operation | None:
    """What a cancelled order's payment still needs: a void, a refund, or nothing (yet, while it is pending)."""
    if not payment.cancelled:
        return None
    if payment.status is Status.AUTHORISED:
        return Operation(Kind.VOID, payment.amount_minor)
    if payment.refundable_minor:
        return Operation(Kind.REFUND, payment.refundable_minor)
    return None


def settle(payment: Payment, operation: Operation, *, approved: bool) -> Payment:
    """The payment after the provider's answer to an operation that was allowed when it was begun."""
    match operation.kind:
        case Kind.AUTHORISE:
            return replace(payment, status=Status.AUTHORISED if approved else Status.DECLINED)
        case Kind.CAPTURE if approved:
            return replace(payment, status=Status.CAPTURED)
        case Kind.VOID if approved:
            return replace(payment, status=Status.VOIDED)
        case Kind.REFUND if approved:
            refunded = payment.refunded_minor + operation.amount_minor
            status = Status.REFUNDED if refunded == payment.captured_minor else Status.CAPTURED
            return replace(payment, refunded_minor=refunded, status=status)
        case _:
            return payment


class Account(StrEnum):
    """The ledger's accounts. A positive entry is a debit, a negative one a credit."""

    CUSTOMER_RECEIVABLE = "customer_receivable"
    """What customers owe: held or captured, and not given back."""
    AUTHORISED_HOLDS = "authorised_holds"
    """What is held at the provider and not yet captured."""
    MERCHANT_SETTLEMENT = "merchant_settlement"
    """What was captured for the merchant."""
    REFUNDS = "refunds"
    """What was given back of it."""


_POSTINGS: Mapping[Kind, tuple[Account, Account]] = {
    Kind.AUTHORISE: (Account.CUSTOMER_RECEIVABLE, Account.AUTHORISED_HOLDS),
    Kind.CAPTURE: (Account.AUTHORISED_HOLDS, Account.MERCHANT_SETTLEMENT),
    Kind.VOID: (Account.AUTHORISED_HOLDS, Account.CUSTOMER_RECEIVABLE),
    Kind.REFUND: (Account.REFUNDS, Account.CUSTOMER_RECEIVABLE),
}


def journal(operation: Operation) -> tuple[tuple[Account, int], tuple[Account, int]]:
    """The two entries an approved operation makes, in minor units: debit one account, credit another, sum zero."""
    debit, credit = _POSTINGS[operation.kind]
    return (debit, operation.amount_minor), (credit, -operation.amount_minor)
