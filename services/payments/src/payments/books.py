"""Payments, operations and the ledger as they are stored; everything here runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.correlation import correlation_id
from chassis.ids import uuid7
from chassis.telemetry import current_traceparent
from payments import domain
from payments.domain import Kind, Money, Status
from payments.provider import Instruction
from payments.tables import Journal, LedgerEntry, Operation, OrderAccount, Payment

PENDING = "pending"
APPROVED = "approved"
DECLINED = "declined"
LIVE = [Status.PENDING.value, Status.AUTHORISED.value, Status.CAPTURED.value]


@dataclass(frozen=True, slots=True)
class OpenOperation:
    """An operation that the provider has not answered, and the trace it belongs to."""

    instruction: Instruction
    payment_id: UUID
    attempts: int
    traceparent: str
    correlation_id: str


async def lock_order(order_id: UUID) -> bool:
    """Lock what is known of an order; whether it is cancelled."""
    await OrderAccount.insert(OrderAccount(order_id=order_id)).on_conflict(
        target=OrderAccount.order_id, action="DO NOTHING"
    )
    row = await OrderAccount.objects().where(OrderAccount.order_id == order_id).lock_rows("UPDATE").first()
    return row is not None and row.cancelled


async def cancel_order(order_id: UUID) -> None:
    """Write down that the order is cancelled."""
    await OrderAccount.update({OrderAccount.cancelled: True}).where(OrderAccount.order_id == order_id)


async def lock_payment(payment_id: UUID) -> Payment | None:
    """The payment, if there is one, locked until the open transaction ends."""
    return await Payment.objects().where(Payment.payment_id == payment_id).lock_rows("UPDATE").first()


async def live_payment_of(order_id: UUID) -> Payment | None:
    """The order's payment that is pending, authorised or captured, if there is one."""
    return await Payment.objects().where((Payment.order_id == order_id) & Payment.status.is_in(LIVE)).first()


def state(row: Payment) -> domain.Payment:
    """What the rules need to know of a payment."""
    return domain.Payment(
        status=Status(row.status),
        amount_minor=row.amount_minor,
        refunded_minor=row.refunded_minor,
        cancelled=row.cancelled,
    )


async def store_state(row: Payment, new: domain.Payment, *, now: datetime, decline_reason: str | None = None) -> None:
    """Write down what has become of a payment, and why it was declined if it was."""
    await Payment.update(
        {
            Payment.status: new.status.value,
            Payment.refunded_minor: new.refunded_minor,
            Payment.cancelled: new.cancelled,
            Payment.decline_reason: decline_reason or row.decline_reason,
            Payment.updated_at: now,
        }
    ).where(Payment.payment_id == row.payment_id)


async def begin(payment_id: UUID, operation: domain.Operation, *, due: datetime, now: datetime) -> str:
    """Write down an operation before the provider is told of it; its key. The reconciler takes it up from `due` on."""
    key = f"{operation.kind.value}-{uuid7()}"
    await Operation.insert(
        Operation(
            provider_key=key,
            payment=payment_id,
            kind=operation.kind.value,
            amount_minor=operation.amount_minor,
            status=PENDING,
            next_attempt_at=due,
            traceparent=current_traceparent() or "",
            correlation_id=correlation_id(),
            created_at=now,
        )
    )
    return key


async def open_operation_of(payment_id: UUID) -> str | None:
    """The key of the payment's operation that the provider has not answered, if there is one."""
    row = await (
        Operation.select(Operation.provider_key)
        .where((Operation.payment == payment_id) & (Operation.status == PENDING))
        .first()
    )
    return row["provider_key"] if row else None


async def operation(key: str) -> Operation | None:
    """The operation with this key."""
    return await Operation.objects().where(Operation.provider_key == key).first()


async def close_operation(key: str, *, approved: bool, reference: str) -> None:
    """Write down the provider's answer."""
    status = APPROVED if approved else DECLINED
    await Operation.update({Operation.status: status, Operation.reference: reference}).where(
        Operation.provider_key == key
    )


async def open_operation(key: str) -> OpenOperation | None:
    """What to tell the provider, unless it has answered already."""
    row = await Operation.objects(Operation.payment).where(Operation.provider_key == key).first()
    if row is None or row.status != PENDING:
        return None
    payment = row.payment
    instruction = Instruction(key, Kind(row.kind), Money(row.amount_minor, payment.currency), payment.card_token)
    return OpenOperation(instruction, payment.payment_id, row.attempts, row.traceparent, row.correlation_id)


async def due_operations(now: datetime, *, limit: int) -> list[str]:
    """Keys of operations to take up, the longest due first."""
    rows = await (
        Operation.select(Operation.provider_key)
        .where((Operation.status == PENDING) & (Operation.next_attempt_at <= now))
        .order_by(Operation.next_attempt_at)
        .limit(limit)
    )
    return [row["provider_key"] for row in rows]


async def claim_operation(key: str, *, now: datetime, until: datetime) -> bool:
    """Take up a due operation, so that no other replica does before `until`; whether it was still to be had."""
    rows = await (
        Operation.update({Operation.next_attempt_at: until, Operation.attempts: Operation.attempts + 1})
        .where((Operation.provider_key == key) & (Operation.status == PENDING) & (Operation.next_attempt_at <= now))
        .returning(Operation.provider_key)
    )
    return bool(rows)


async def post(key: str, row: Payment, entries: Sequence[tuple[domain.Account, int]], *, kind: Kind) -> None:
    """Enter an approved operation into the ledger. The database refuses at commit what does not sum to zero."""
    journal_id = uuid7()
    await Journal.insert(
        Journal(journal_id=journal_id, operation=key, payment_id=row.payment_id, kind=kind.value, currency=row.currency)
    )
    await LedgerEntry.insert(
        *(LedgerEntry(journal=journal_id, account=account.value, amount_minor=minor) for account, minor in entries)
    )
