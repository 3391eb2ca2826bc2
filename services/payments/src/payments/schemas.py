"""What goes over payments' HTTP API."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct

from payments import domain
from payments.domain import Account, Status
from payments.ledger import LedgerSummary
from payments.stored import AuditedPayment, StoredPayment

OrderId = Annotated[UUID, Meta(examples=["019a8f3e-5a77-7c1e-8a55-0c9d5f1f4a10"])]
PaymentId = Annotated[UUID, Meta(examples=["019a8f3e-6b91-7d02-8c3f-1e5a9b7c4d20"])]
CardToken = Annotated[
    str,
    Meta(
        max_length=200,
        examples=["tok_approve"],
        description="The provider's token for the card; never the card's number.",
    ),
]
Moment = Annotated[datetime, Meta(examples=["2026-03-01T12:00:00Z"])]
NextCursor = Annotated[str | None, Meta(description="Where the next page begins; null on the last one.")]


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount above zero in the currency's minor unit (cents), with its ISO 4217 code."""

    amount_minor: Annotated[int, Meta(ge=1, le=1_000_000_000_000, examples=[2500])]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$", examples=["EUR"])]

    def money(self) -> domain.Money:
        """The amount as the domain has it."""
        return domain.Money(self.amount_minor, self.currency)


class Money(Struct, frozen=True):
    """An amount in the currency's minor unit (cents), with its ISO 4217 code."""

    amount_minor: Annotated[int, Meta(examples=[2500])]
    currency: Annotated[str, Meta(examples=["EUR"])]


class PaymentRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What to hold for an order, on which card."""

    order_id: OrderId
    amount: Price
    card_token: CardToken

    def __repr__(self) -> str:
        """Without the card's token, wherever it may be printed."""
        return f"PaymentRequest(order_id={self.order_id!r}, amount={self.amount!r})"


class RefundRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """How much to give back; all that is left when `amount`, or the whole body, is left out."""

    amount: Price | None = None


class PaymentView(Struct, frozen=True):
    """A payment. `decline_reason` is null unless the provider declined it."""

    payment_id: PaymentId
    order_id: OrderId
    status: Status
    amount: Money
    refunded: Money
    decline_reason: Annotated[str | None, Meta(examples=["insufficient-funds"])]
    created_at: Moment

    @classmethod
    def of(cls, stored: StoredPayment) -> Self:
        """The payment as it is stored."""
        return cls(
            payment_id=stored.payment_id,
            order_id=stored.order_id,
            status=stored.state.status,
            amount=Money(stored.state.amount_minor, stored.currency),
            refunded=Money(stored.state.refunded_minor, stored.currency),
            decline_reason=stored.decline_reason,
            created_at=stored.created_at,
        )


class AuditedPaymentView(PaymentView, frozen=True, kw_only=True):
    """A payment beside what the ledger says of it: what is held, was taken and was given back (minor units)."""

    order_cancelled: Annotated[bool, Meta(examples=[False], description="Whether its money is on the way back.")]
    under_way: Annotated[bool, Meta(examples=[False], description="Whether the provider still owes an answer.")]
    held_minor: Annotated[int, Meta(examples=[0])]
    taken_minor: Annotated[int, Meta(examples=[2500])]
    given_back_minor: Annotated[int, Meta(examples=[0])]
    updated_at: Moment

    @classmethod
    def audited(cls, found: AuditedPayment) -> Self:
        """The payment as it was audited."""
        view = PaymentView.of(found.payment)
        return cls(
            **{name: getattr(view, name) for name in PaymentView.__struct_fields__},
            order_cancelled=found.payment.state.cancelled,
            under_way=found.under_way,
            held_minor=found.held_minor,
            taken_minor=found.taken_minor,
            given_back_minor=found.given_back_minor,
            updated_at=found.updated_at,
        )


class Payments(Struct, frozen=True):
    """One page of payments, the oldest first."""

    items: list[AuditedPaymentView]
    next_cursor: NextCursor


class AccountView(Struct, frozen=True):
    """What stands on one account in one currency: positive is a debit, negative a credit."""

    account: Account
    balance: Money


class UnbalancedView(Struct, frozen=True):
    """A journal whose entries do not sum to zero, or that has fewer than two."""

    journal_id: Annotated[UUID, Meta(examples=["019a8f3e-6b91-7d02-8c3f-1e5a9b7c4d21"])]
    payment_id: PaymentId
    entries: Annotated[int, Meta(examples=[2])]
    sum_minor: Annotated[int, Meta(examples=[1])]


class LedgerView(Struct, frozen=True):
    """The whole ledger: in every currency the balances sum to zero, and `unbalanced` is 0."""

    accounts: list[AccountView]
    journals: Annotated[int, Meta(examples=[3])]
    entries: Annotated[int, Meta(examples=[6])]
    unbalanced: Annotated[int, Meta(examples=[0], description="Journals that do not sum to zero.")]
    faults: Annotated[list[UnbalancedView], Meta(description="The first hundred of them.")]

    @classmethod
    def of(cls, summary: LedgerSummary) -> Self:
        """The ledger as it was summed up."""
        accounts = [
            AccountView(each.account, Money(each.balance.amount_minor, each.balance.currency))
            for each in summary.balances
        ]
        faults = [
            UnbalancedView(each.journal_id, each.payment_id, each.entries, each.sum_minor) for each in summary.faults
        ]
        return cls(accounts, summary.journals, summary.entries, summary.unbalanced, faults)
