"""What can happen to an order: each function loads, decides and commits in one transaction."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.correlation import correlation_id
from chassis.messaging import publish
from chassis.persistence import after_commit, transaction
from chassis.telemetry import current_traceparent
from orders import sagas, telemetry
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
    doubt,
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
from orders.tables import Order, OrderLine, SagaRow, SagaStep


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
        doubtful=False,
        traceparent=current_traceparent() or "",
        correlation_id=correlation_id(),
        started_at=now,
        updated_at=now,
    )
    await Order.insert(
        Order(
            order_id=order_id,
            customer_id=customer_id,
            status=Status.PENDING.value,
            correlation_id=held.correlation_id,
            created_at=now,
            updated_at=now,
        )
    )
    await OrderLine.insert(*(OrderLine(order_id=order_id, sku=line.sku, quantity=line.quantity) for line in lines))
    await SagaRow.insert(_new_row(held, lease, now))
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
            changes = sagas.columns(wanted) | {SagaRow.next_attempt_at: now, SagaRow.version: row["version"] + 1}
            if not saga.open:
                changes |= _reopened(now)
            await SagaRow.update(changes).where(SagaRow.order_id == order_id)
        return await sagas.take(lease, now, order_id)


async def record(held: Held, lease: Lease, now: datetime, taken: Taken | None = None) -> Held | None:
    """Write down how an action went and what follows from it; without one, only what time and the customer changed.

    Returns None when the lease is another driver's by now: nothing was written.
    """
    async with transaction():
        row = await sagas.lock(held.order_id)
        if row is None or row["lease_token"] != held.lease_token:
            return None
        saga = sagas.load(row)
        saga = doubt(saga) if held.doubtful else saga
        if taken is not None:
            saga = apply(saga, taken.action, taken.answer.outcome)
            await SagaStep.insert(_history(held, taken, lease, now))
            held = await _price(held, taken.answer)
        saga = steer(saga, now)
        if isinstance(next_action(saga), Finish):
            saga = finish(saga)
        held = replace(held, saga=saga, doubtful=False, card_token=held.card_token if saga.needs_card else None)
        await SagaRow.update(_progress(held, lease, now, row["version"])).where(SagaRow.order_id == held.order_id)
        if not saga.open:
            held = replace(held, updated_at=now)
            await _close(held, now)
    return held


def _new_row(held: Held, lease: Lease, now: datetime) -> SagaRow:
    return SagaRow(
        order_id=held.order_id,
        stock=held.saga.stock.value,
        payment=held.saga.payment.value,
        card_token=held.card_token,
        started_at=now,
        deadline=held.saga.deadline,
        next_attempt_at=now,
        lease_token=held.lease_token,
        lease_instance=lease.instance,
        lease_expires_at=now + lease.length,
        traceparent=held.traceparent,
        correlation_id=held.correlation_id,
    )


def _reopened(now: datetime) -> dict[Any, Any]:
    """A saga that goes on after its end does so in the trace of the request that wanted it."""
    return {
        SagaRow.started_at: now,
        SagaRow.finished_at: None,
        SagaRow.traceparent: current_traceparent() or "",
        SagaRow.correlation_id: correlation_id(),
    }


def _progress(held: Held, lease: Lease, now: datetime, version: int) -> dict[Any, Any]:
    changes = sagas.columns(held.saga) | {SagaRow.card_token: held.card_token, SagaRow.version: version + 1}
    if held.saga.open:
        return changes | {SagaRow.lease_expires_at: now + lease.length}
    return changes | {SagaRow.lease_token: None, SagaRow.lease_expires_at: None, SagaRow.finished_at: now}


def _history(held: Held, taken: Taken, lease: Lease, now: datetime) -> SagaStep:
    match taken.answer.outcome:
        case Done(reference):
            outcome, detail = "done", reference or ""
        case Refused(reason):
            outcome, detail = "refused", reason.value
        case Failed(error):
            outcome, detail = "failed", error
    return SagaStep(
        order_id=held.order_id,
        action=taken.action.value,
        backward=held.saga.backward,
        outcome=outcome,
        detail=detail,
        attempt=held.saga.attempts + 1,
        instance=lease.instance,
        started_at=taken.started_at,
        finished_at=now,
    )


async def _price(held: Held, answer: Answer) -> Held:
    """Write the prices that came with the reservation onto the order."""
    if answer.total is None or held.total is not None:
        return held
    await Order.update(
        {
            Order.total_minor: answer.total.amount_minor,
            Order.currency: answer.total.currency,
        }
    ).where(Order.order_id == held.order_id)
    lines = tuple(OrderedLine(line.sku, line.quantity, answer.prices.get(line.sku)) for line in held.lines)
    for line in lines:
        if line.unit_price is not None:
            await OrderLine.update({OrderLine.unit_price_minor: line.unit_price.amount_minor}).where(
                (OrderLine.order_id == held.order_id) & (OrderLine.sku == line.sku)
            )
    return replace(held, lines=lines, total=answer.total)


async def _close(held: Held, now: datetime) -> None:
    saga, order_id = held.saga, str(held.order_id)
    await Order.update(
        {
            Order.status: saga.status.value,
            Order.reason: saga.reason and saga.reason.value,
            Order.updated_at: now,
        }
    ).where(Order.order_id == held.order_id)
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
