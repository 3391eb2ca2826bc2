"""The rows payments keeps. Amounts are in minor units of the row's currency."""

from piccolo.columns import UUID, BigInt, BigSerial, Boolean, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check
from piccolo.table import Table


class OrderAccount(Table):
    """One row per order, locked by whoever begins or cancels a payment for it."""

    order_id = UUID(primary_key=True, default=None)
    cancelled = Boolean(default=False)


class Payment(Table):
    """One attempt to pay an order; of those that are open or took money, an order has one at most."""

    payment_id = UUID(primary_key=True, default=None)
    order_id = UUID(index=True, default=None)
    card_token = Varchar(length=64, secret=True, help_text="erased with the provider's first answer")
    status = Varchar(length=10)
    amount_minor = BigInt()
    currency = Varchar(length=3)
    refunded_minor = BigInt(default=0)
    cancelled = Boolean(default=False)
    decline_reason = Varchar(length=60, null=True, default=None)
    created_at = Timestamptz()
    updated_at = Timestamptz()

    some_amount = Check("amount_minor > 0")
    refund_within_amount = Check("refunded_minor >= 0 AND refunded_minor <= amount_minor")


class Operation(Table):
    """One instruction to the provider, written down before it is given, and its outcome after the answer.

    Whoever takes it up later goes on in the trace in which it was written.
    """

    provider_key = Varchar(length=120, primary_key=True)
    payment = ForeignKey(Payment, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(length=10)
    amount_minor = BigInt()
    status = Varchar(length=10)
    reference = Varchar(length=60, null=True, default=None)
    attempts = Integer(default=0)
    next_attempt_at = Timestamptz()
    traceparent = Varchar(length=64)
    correlation_id = Varchar(length=64)
    created_at = Timestamptz()


class Journal(Table):
    """The ledger's record of one approved operation; its entries sum to zero. Never changed."""

    journal_id = UUID(primary_key=True, default=None)
    operation = ForeignKey(Operation, on_delete=OnDelete.restrict, null=False, unique=True)
    payment_id = UUID(index=True, default=None)
    kind = Varchar(length=10)
    currency = Varchar(length=3)
    created_at = Timestamptz()


class LedgerEntry(Table):
    """A debit (positive) or a credit (negative) of one account. Never changed."""

    entry_id = BigSerial(primary_key=True)
    journal = ForeignKey(Journal, on_delete=OnDelete.restrict, null=False, index=True)
    account = Varchar(length=30)
    amount_minor = BigInt()


class SandboxOperation(Table):
    """The sandbox provider's own record of what it was asked and what it decided; payments never reads it."""

    provider_key = Varchar(length=120, primary_key=True)
    kind = Varchar(length=10)
    card_token = Varchar(length=64, help_text="one of the sandbox's own; no other is kept")
    authorisation = Varchar(length=60, null=True, default=None, help_text="reference of what it follows")
    amount_minor = BigInt()
    currency = Varchar(length=3)
    approved = Boolean()
    decline_reason = Varchar(length=60, null=True, default=None)
    reference = Varchar(length=60)
    requests = Integer(default=1)
    created_at = Timestamptz()
