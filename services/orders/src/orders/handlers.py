"""What can happen to an order: each function loads, decides and commits."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.correlation import correlation_id
from chassis.messaging import publish
from chassis.persistence import after_commit, transaction
from chassis.telemetry import current_traceparent
from orders import sagas, telemetry, writes
from orders.dependencies import Answer
from orders.domain.order import Status
from orders.domain.saga import (
    Compensation,
    Done,
    Failed,
    Finish,
    Refused,
    Saga,
    Step,
    apply,
    finish,
    next_action,
    request_cancel,
    steer,
)
from orders.errors import OrderNotFound
from orders.events import (
    ORDER_CANCELLED,
    ORDER_CONFIRMED,
    ORDER_PLACED,
    OrderCancelled,
    OrderConfirmed,
    OrderedLine,
    OrderPlaced,
)
from orders.sagas import Held, Lease
from orders.tables import Order, SagaRow
from orders.writes import Entry


@dataclass(frozen=True, slots=True)
class Placement:
    """What is ordered, by whom, and the card that pays."""

    order_id: UUID
    customer_id: str
    lines: tuple[OrderedLine, ...]
    card_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """An action that was asked for, and the answer."""

    action: Step | Compensation
    answer: Answer
    started_at: datetime


async def place_order(placement: Placement, lease: Lease, bound: timedelta, now: datetime) -> Held:
    """Take the order; joins the open transaction. The caller holds its saga and drives it after the commit."""
    order_id, customer_id, lines = placement.order_id, placement.customer_id, placement.lines
    held = Held(
        order_id=order_id,
        customer_id=customer_id,
        lines=lines,
        total=None,
        saga=Saga(deadline=now + bound),
        card_token=placement.card_token,
        lease_token=uuid4(),
        version=1,
        doubtful=False,
        traceparent=current_traceparent() or "",
        correlation_id=correlation_id(),
        started_at=now,
        updated_at=now,
    )
    await writes.place(held, lease)
    placed = OrderPlaced(str(order_id), customer_id, list(lines), now)
    await publish(ORDER_PLACED, placed, subject=str(order_id))
    after_commit(telemetry.PLACED.inc)
    return held


async def cancel_order(order_id: UUID, customer_id: str, lease: Lease, bound: timedelta, now: datetime) -> Held | None:
    """Have the order cancelled; returns its saga when this process is to drive it.

    Raises:
        OrderNotFound: there is no such order of this customer.
    """
    async with transaction():
        row = await sagas.lock(order_id)
        if row is None or not await Order.exists().where(
            (Order.order_id == order_id) & (Order.customer_id == customer_id)
        ):
            raise OrderNotFound
        saga = sagas.load(row)
        wanted = request_cancel(saga, now + bound)
        if wanted != saga:
            changes: dict[Any, Any] = sagas.columns(wanted) | {"next_attempt_at": now, "version": row["version"] + 1}
            if not saga.open:
                changes |= _reopened(now)
            await SagaRow.update(changes).where(SagaRow.order_id == order_id)
        return await sagas.take(lease, now, order_id)


async def record(held: Held, lease: Lease, now: datetime, taken: Taken | None = None) -> Held | None:
    """Write down how an action went and what follows from it; without one, only what time and the customer changed.

    Returns None when the lease is another driver's by now: nothing was written.
    """
    known: Held | None = held
    entry = _entry(taken) if taken else None
    while known is not None:
        after = _follow(known, now, taken)
        if await _write(known, after, lease, now, entry):
            return after
        known = await sagas.reload(known)
    return None


def _follow(held: Held, now: datetime, taken: Taken | None) -> Held:
    """What is known once the action went so, and time and the customer have had their say."""
    saga = steer(apply(held.saga, taken.action, taken.answer.outcome) if taken else held.saga, now)
    if isinstance(next_action(saga), Finish):
        saga = finish(saga)
    after = replace(
        held,
        saga=saga,
        version=held.version + 1,
        doubtful=False,
        card_token=held.card_token if saga.needs_card else None,
        updated_at=held.updated_at if saga.open else now,
    )
    return _price(after, taken.answer) if taken else after


def _price(held: Held, answer: Answer) -> Held:
    """The order at the prices that came with its reservation."""
    if answer.total is None or held.total is not None:
        return held
    lines = tuple(OrderedLine(line.sku, line.quantity, answer.prices.get(line.sku)) for line in held.lines)
    return replace(held, lines=lines, total=answer.total)


async def _write(before: Held, after: Held, lease: Lease, now: datetime, entry: Entry | None) -> bool:
    """Write the move down, with the order's event if it is the last; False when the saga was changed meanwhile."""
    if after.saga.open:
        return await writes.move(before, after, lease, now, entry)
    async with transaction():
        written = await writes.move(before, after, lease, now, entry)
        if written:
            await _announce(after, now)
    return written


def _reopened(now: datetime) -> dict[str, Any]:
    """A saga that goes on after its end does so in the trace of the request that wanted it."""
    return {
        "started_at": now,
        "finished_at": None,
        "traceparent": current_traceparent() or "",
        "correlation_id": correlation_id(),
    }


def _entry(taken: Taken) -> Entry:
    match taken.answer.outcome:
        case Done(reference):
            outcome, detail = "done", reference or ""
        case Refused(reason):
            outcome, detail = "refused", reason.value
        case Failed(error):
            outcome, detail = "failed", error
    return Entry(taken.action.value, outcome, detail, taken.started_at)


async def _announce(held: Held, now: datetime) -> None:
    saga, order_id = held.saga, str(held.order_id)
    if saga.status is Status.CONFIRMED:
        assert held.total is not None
        confirmed = OrderConfirmed(order_id, held.customer_id, list(held.lines), held.total, now)
        await publish(ORDER_CONFIRMED, confirmed, subject=order_id)
    else:
        assert saga.reason is not None
        cancelled = OrderCancelled(order_id, held.customer_id, saga.reason.value, list(held.lines), held.total, now)
        await publish(ORDER_CANCELLED, cancelled, subject=order_id)
    seconds = (now - held.started_at).total_seconds()
    after_commit(lambda: telemetry.saga_finished(saga.status, saga.reason, seconds))
