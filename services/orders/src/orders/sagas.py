"""Sagas in the database: taking one up under a lease, and writing down how far it is.

A driver holds a saga by the lease token it was given; only its writes count, so a clock that is off costs no more than
a needless takeover. A saga taken over from a silent driver is `doubtful`: its next action may have been asked for.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from orders.domain.order import Reason
from orders.domain.saga import Payment, Saga, Stock, doubt
from orders.events import Money, OrderedLine
from orders.tables import Order, OrderLine, SagaRow

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A saga this process drives, and what its steps need to know."""

    order_id: UUID
    customer_id: str
    lines: tuple[OrderedLine, ...]
    total: Money | None
    saga: Saga
    card_token: str | None = field(repr=False)
    lease_token: UUID
    doubtful: bool
    traceparent: str
    correlation_id: str
    started_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """Who takes sagas up, and for how long at a time."""

    instance: str
    length: timedelta


_TAKE = """
    UPDATE saga SET lease_token = {}, lease_instance = {}, lease_expires_at = {}
    FROM (
        SELECT order_id AS due, lease_token IS NOT NULL AS doubtful FROM saga
        WHERE open AND (lease_token IS NULL OR lease_expires_at < {}) AND CONDITION
        ORDER BY next_attempt_at LIMIT {} FOR UPDATE SKIP LOCKED
    ) AS found
    WHERE order_id = due RETURNING saga.*, doubtful
"""
_TAKE_DUE = _TAKE.replace("CONDITION", "next_attempt_at <= {}")
_TAKE_ONE = _TAKE.replace("CONDITION", "order_id = {}")


async def take_due(lease: Lease, now: datetime, limit: int) -> list[Held]:
    """Take up to `limit` open sagas whose time has come and that nobody drives."""
    return await _hold(await SagaRow.raw(_TAKE_DUE, *_terms(lease, now), now, now, limit))


async def take(lease: Lease, now: datetime, order_id: UUID) -> Held | None:
    """Take up this saga if it is open and nobody drives it."""
    held = await _hold(await SagaRow.raw(_TAKE_ONE, *_terms(lease, now), now, order_id, 1))
    return held[0] if held else None


async def lock(order_id: UUID) -> Row | None:
    """The saga's row, locked until the transaction ends."""
    row: Row | None = await SagaRow.select().where(SagaRow.order_id == order_id).first().lock_rows("UPDATE")
    return row


async def release(held: Held, next_attempt_at: datetime) -> None:
    """Hand the saga back, to be taken up at that time."""
    await (
        SagaRow.update(
            {
                SagaRow.lease_token: None,
                SagaRow.lease_expires_at: None,
                SagaRow.next_attempt_at: next_attempt_at,
            }
        )
        .where(SagaRow.order_id == held.order_id)
        .where(SagaRow.lease_token == held.lease_token)
    )


async def expire_leases_of(instance: str, now: datetime) -> None:
    """End the leases of an earlier process of this name: a replica that starts is the only one of its name."""
    await (
        SagaRow.update({SagaRow.lease_expires_at: now})
        .where(SagaRow.open.eq(True))
        .where(SagaRow.lease_instance == instance)
        .where(SagaRow.lease_token.is_not_null())
    )


def load(row: Row) -> Saga:
    """The saga that a row describes."""
    return Saga(
        deadline=row["deadline"],
        open=row["open"],
        backward=row["backward"],
        customer_verified=row["customer_verified"],
        stock=Stock(row["stock"]),
        payment=Payment(row["payment"]),
        reservation_id=row["reservation_id"],
        payment_id=row["payment_id"],
        cancel_requested=row["cancel_requested"],
        reason=row["reason"] and Reason(row["reason"]),
        attempts=row["attempts"],
    )


def columns(saga: Saga) -> dict[Any, Any]:
    """The columns that say how far the saga is."""
    return {
        SagaRow.deadline: saga.deadline,
        SagaRow.open: saga.open,
        SagaRow.backward: saga.backward,
        SagaRow.customer_verified: saga.customer_verified,
        SagaRow.stock: saga.stock.value,
        SagaRow.payment: saga.payment.value,
        SagaRow.reservation_id: saga.reservation_id,
        SagaRow.payment_id: saga.payment_id,
        SagaRow.cancel_requested: saga.cancel_requested,
        SagaRow.reason: saga.reason and saga.reason.value,
        SagaRow.attempts: saga.attempts,
    }


def money(amount_minor: int | None, currency: str | None) -> Money | None:
    """An amount out of its two columns; None while it is not known."""
    return None if amount_minor is None or currency is None else Money(amount_minor, currency)


async def lines_of(order_ids: list[UUID], currencies: dict[UUID, str | None]) -> dict[UUID, tuple[OrderedLine, ...]]:
    """The lines of each order, as they were given."""
    found: dict[UUID, list[OrderedLine]] = {order_id: [] for order_id in order_ids}
    if not order_ids:
        return {}
    rows = await OrderLine.select().where(OrderLine.order_id.is_in(order_ids)).order_by(OrderLine.line_id)
    for row in rows:
        price = money(row["unit_price_minor"], currencies[row["order_id"]])
        found[row["order_id"]].append(OrderedLine(row["sku"], row["quantity"], price))
    return {order_id: tuple(lines) for order_id, lines in found.items()}


def _terms(lease: Lease, now: datetime) -> tuple[UUID, str, datetime]:
    return uuid4(), lease.instance, now + lease.length


async def _hold(rows: list[Row]) -> list[Held]:
    order_ids = [row["order_id"] for row in rows]
    if not order_ids:
        return []
    orders = {row["order_id"]: row for row in await Order.select().where(Order.order_id.is_in(order_ids))}
    lines = await lines_of(order_ids, {order_id: order["currency"] for order_id, order in orders.items()})
    return [_held(row, orders[row["order_id"]], lines[row["order_id"]]) for row in rows]


def _held(row: Row, order: Row, lines: tuple[OrderedLine, ...]) -> Held:
    saga = load(row)
    return Held(
        order_id=row["order_id"],
        customer_id=order["customer_id"],
        lines=lines,
        total=money(order["total_minor"], order["currency"]),
        saga=doubt(saga) if row["doubtful"] else saga,
        card_token=row["card_token"],
        lease_token=row["lease_token"],
        doubtful=row["doubtful"],
        traceparent=row["traceparent"],
        correlation_id=row["correlation_id"],
        started_at=row["started_at"],
        updated_at=order["updated_at"],
    )
