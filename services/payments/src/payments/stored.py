"""Payments and operations as they are stored, and how they are made of rows."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from payments import domain
from payments.domain import Kind, Money, Status
from payments.provider import Instruction


@dataclass(frozen=True, slots=True)
class StoredPayment:
    """A payment: what the rules know of it, and the rest. The card's token is gone once the provider has answered."""

    payment_id: UUID
    order_id: UUID
    card_token: str = field(repr=False)
    currency: str
    state: domain.Payment
    created_at: datetime
    decline_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedPayment:
    """A payment beside what the ledger says of it (minor units), and whether the provider still owes an answer."""

    payment: StoredPayment
    under_way: bool
    held_minor: int
    taken_minor: int
    given_back_minor: int
    updated_at: datetime


class Progress(StrEnum):
    """Whether the provider has answered, and what."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class StoredOperation:
    """One instruction to the provider, the payment it is about, and the trace it belongs to.

    While it is pending, nothing but its own end changes the status and the amounts of its payment. `authorisation` is
    the provider's reference of what authorised it; empty until then.
    """

    key: str
    what: domain.Operation
    payment: StoredPayment
    progress: Progress = Progress.PENDING
    attempts: int = 0
    traceparent: str = ""
    correlation_id: str = ""
    authorisation: str = ""

    @property
    def instruction(self) -> Instruction:
        """What to tell the provider."""
        amount = Money(self.what.amount_minor, self.payment.currency)
        if self.what.kind is Kind.AUTHORISE:
            return Instruction(self.key, self.what.kind, amount, card_token=self.payment.card_token)
        return Instruction(self.key, self.what.kind, amount, authorisation=self.authorisation)


def payment_of(row: Any) -> StoredPayment:
    """The payment in a row with all its columns."""
    return StoredPayment(
        payment_id=row["payment_id"],
        order_id=row["order_id"],
        card_token=row["card_token"],
        currency=row["currency"],
        state=domain.Payment(
            status=Status(row["status"]),
            amount_minor=row["amount_minor"],
            refunded_minor=row["refunded_minor"],
            cancelled=row["cancelled"],
        ),
        created_at=row["created_at"],
        decline_reason=row["decline_reason"],
    )


def operation_of(row: Any) -> StoredOperation:
    """The operation in a row with its payment; see `statements.OPERATION`."""
    return StoredOperation(
        key=row["provider_key"],
        what=domain.Operation(Kind(row["kind"]), row["operation_minor"]),
        payment=payment_of(row),
        progress=Progress(row["progress"]),
        attempts=row["attempts"],
        traceparent=row["traceparent"],
        correlation_id=row["correlation_id"],
        authorisation=row["authorisation"] or "",
    )
