"""Payments and operations, read and written. What belongs together is one statement and needs no transaction."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.correlation import correlation_id
from chassis.ids import uuid7
from chassis.telemetry import current_traceparent
from payments import domain, statements
from payments.domain import Kind
from payments.provider import Answer
from payments.stored import AuditedPayment, Progress, StoredOperation, StoredPayment, operation_of, payment_of

FIRST = UUID(int=0)
"""Before every payment's identifier."""


async def payment(payment_id: UUID) -> StoredPayment | None:
    """The payment, if there is one."""
    row = await statements.PAYMENT.first(payment_id)
    return payment_of(row) if row else None


async def payment_under_way(payment_id: UUID) -> tuple[StoredPayment, StoredOperation | None] | None:
    """The payment, if there is one, and its operation that the provider has not answered, if there is one."""
    row = await statements.PAYMENT_UNDER_WAY.first(payment_id)
    if row is None:
        return None
    return payment_of(row), operation_of(row) if row["provider_key"] else None


async def audited(*, limit: int, after: UUID | None) -> list[AuditedPayment]:
    """Payments with what the ledger says of them, in the order of their making, those after the given one."""
    return [
        AuditedPayment(
            payment=payment_of(row),
            under_way=row["under_way"],
            held_minor=row["held"],
            taken_minor=row["taken"],
            given_back_minor=row["refunds"],
            updated_at=row["updated_at"],
        )
        for row in await statements.AUDIT(after or FIRST, limit)
    ]


async def operation(key: str) -> StoredOperation:
    """The operation with this key.

    Raises:
        LookupError: there is none. None is ever deleted.
    """
    row = await statements.OPERATION.first(key)
    if row is None:
        raise LookupError(f"operation {key} is gone")
    return operation_of(row)


async def due_operations(now: datetime, *, limit: int) -> list[StoredOperation]:
    """Operations to take up, the longest due first."""
    return [operation_of(row) for row in await statements.DUE(now, limit)]


async def stale_authorisations(before: datetime, *, limit: int) -> list[StoredOperation]:
    """What authorised payments that are held since `before` or longer, the longest held first."""
    return [operation_of(row) for row in await statements.STALE(before, limit)]


async def owed(now: datetime, *, first: float, longest: float, limit: int) -> list[StoredOperation]:
    """What authorised payments that the provider refused to let go or give back, and that are to be tried again.

    The pause after a refusal is `first` seconds, then twice as long each time, up to `longest`.
    """
    return [operation_of(row) for row in await statements.OWED(now, first, longest, limit)]


async def claim(key: str, *, now: datetime, until: datetime) -> bool:
    """Take up a due operation, so that no other replica does before `until`; whether it was still to be had."""
    return bool(await statements.CLAIM(key, now, until))


async def open_payment(new: StoredPayment, *, due: datetime) -> tuple[StoredOperation, UUID | None]:
    """Store a new payment with the operation that authorises it, unless its order is cancelled or has a live payment.

    Returns the operation, and the order's live payment: the new one, or another, or none where it is cancelled.
    """
    begun = _new_operation(new, domain.Operation(Kind.AUTHORISE, new.state.amount_minor))
    row = await statements.OPEN.first(
        new.payment_id,
        new.order_id,
        new.card_token,
        new.state.amount_minor,
        new.currency,
        new.created_at,
        begun.key,
        begun.what.kind.value,
        due,
        begun.traceparent,
        begun.correlation_id,
    )
    return begun, row["payment_id"]


async def begin(of: StoredPayment, what: domain.Operation, *, due: datetime, now: datetime) -> StoredOperation | None:
    """Write down an operation before the provider is told of it. The reconciler takes it up from `due` on.

    None, and nothing is written, when the payment has changed meanwhile or has an operation under way.
    """
    begun = _new_operation(of, what)
    rows = await statements.BEGIN(
        of.payment_id,
        of.state.status.value,
        of.state.refunded_minor,
        of.state.cancelled,
        begun.key,
        what.kind.value,
        what.amount_minor,
        due,
        begun.traceparent,
        begun.correlation_id,
        now,
    )
    return replace(begun, authorisation=rows[0]["authorisation"] or "") if rows else None


async def settle(asked: StoredOperation, answer: Answer, *, now: datetime) -> StoredOperation | None:
    """Write down the provider's answer, what it makes of the payment, and the journal if it was approved.

    Returns the operation at its end with its payment; None, and nothing is written, when it had ended before.
    """
    before = asked.payment
    state = domain.settle(before.state, asked.what, approved=answer.approved)
    progress = Progress.APPROVED if answer.approved else Progress.DECLINED
    reason = answer.decline_reason or before.decline_reason
    entries = domain.journal(asked.what)
    row = await statements.SETTLE.first(
        asked.key,
        progress.value,
        answer.reference,
        state.status.value,
        state.refunded_minor,
        reason,
        now,
        uuid7(),
        [account.value for account, _ in entries],
        [minor for _, minor in entries],
    )
    if row is None:
        return None
    after = replace(before, card_token="", state=replace(state, cancelled=row["cancelled"]), decline_reason=reason)
    authorisation = answer.reference if asked.what.kind is Kind.AUTHORISE else asked.authorisation
    return replace(asked, payment=after, progress=progress, authorisation=authorisation)


async def cancel_order(order_id: UUID, *, now: datetime) -> StoredPayment | None:
    """Write down that the order is cancelled, in the open transaction; its live payment, if there is one.

    Two statements, since the second must see what was opened before the first had the order's lock.
    """
    await statements.CANCEL_ORDER(order_id)
    row = await statements.CANCEL_LIVE.first(order_id, now)
    return payment_of(row) if row else None


def _new_operation(of: StoredPayment, what: domain.Operation) -> StoredOperation:
    return StoredOperation(
        key=f"{what.kind.value}-{uuid7()}",
        what=what,
        payment=of,
        traceparent=current_traceparent() or "",
        correlation_id=correlation_id(),
    )
