"""Sagas in the database: taking one up under a lease, and writing down how far it is.

A driver holds a saga by the lease token it was given; only its writes count, so a clock that is off costs no more than
a needless takeover. A saga taken over from a silent driver is `doubtful`: its next action may have been asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.persistence import Prepared, transaction
from orders.domain.order import Reason
from orders.domain.saga import Payment, Saga, Stock, doubt
from orders.events import Money, OrderedLine
from orders.tables import SagaRow

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A saga this process drives, and what its steps need to know; `version` counts the writes of its row."""

    order_id: UUID
    customer_id: str
    lines: tuple[OrderedLine, ...]
    total: Money | None
    saga: Saga
    card_token: str | None = field(repr=False)
    lease_token: UUID
    version: int
    doubtful: bool
    traceparent: str
    correlation_id: str
    started_at: datetime
    updated_at: datetime

    @property
    def reason(self) -> str | None:
        """Why the order is cancelled; None while its saga is open, and when it is confirmed."""
        return self.saga.reason.value if self.saga.reason and not self.saga.open else None


@dataclass(frozen=True, slots=True)
class Lease:
    """Who takes sagas up, and for how long at a time."""

    instance: str
    length: timedelta


_TAKE = """
    UPDATE saga SET lease_token = $1, lease_instance = $2, lease_expires_at = $3
    FROM (
        SELECT order_id AS due, lease_token IS NOT NULL AS doubtful FROM saga
        WHERE open AND (lease_token IS NULL OR lease_expires_at < $4) AND CONDITION
        ORDER BY next_attempt_at LIMIT $6 FOR UPDATE SKIP LOCKED
    ) AS found
    WHERE order_id = due RETURNING saga.*, doubtful
"""
_TAKE_DUE = Prepared(_TAKE.replace("CONDITION", "next_attempt_at <= $5"))
_TAKE_ONE = Prepared(_TAKE.replace("CONDITION", "order_id = $5"))
_ANY_DUE = Prepared("""
    SELECT 1 FROM saga
    WHERE open AND (lease_token IS NULL OR lease_expires_at < $1) AND next_attempt_at <= $1 LIMIT 1
""")
_LOCK = Prepared(lambda order_id: SagaRow.select().where(SagaRow.order_id == order_id).lock_rows("UPDATE"))
_READ = Prepared("SELECT * FROM saga WHERE order_id = $1 AND lease_token = $2")
_RELEASE = Prepared("""
    UPDATE saga SET lease_token = NULL, lease_expires_at = NULL, next_attempt_at = $3
    WHERE order_id = $1 AND lease_token = $2
""")
_ORDERS = Prepared("SELECT * FROM customer_order WHERE order_id = ANY($1::uuid[])")
_LINES = Prepared("SELECT * FROM order_line WHERE order_id = ANY($1::uuid[]) ORDER BY line_id")


async def take_due(lease: Lease, now: datetime, limit: int) -> list[Held]:
    """Take up to `limit` open sagas whose time has come and that nobody drives."""
    if not await _ANY_DUE(now):
        return []
    async with transaction():
        return await _hold(await _TAKE_DUE(*_terms(lease, now), now, now, limit))


async def take(lease: Lease, now: datetime, order_id: UUID) -> Held | None:
    """Take up this saga if it is open and nobody drives it; joins the open transaction."""
    held = await _hold(await _TAKE_ONE(*_terms(lease, now), now, order_id, 1))
    return held[0] if held else None


async def lock(order_id: UUID) -> Row | None:
    """The saga's row, locked until the transaction ends."""
    row: Row | None = await _LOCK.first(order_id)
    return row


async def reload(held: Held) -> Held | None:
    """The saga as it is now; None when the lease is another driver's."""
    row: Row | None = await _READ.first(held.order_id, held.lease_token)
    return None if row is None else replace(held, saga=_known(row, held.doubtful), version=row["version"])


async def release(held: Held, next_attempt_at: datetime) -> None:
    """Hand the saga back, to be taken up at that time."""
    await _RELEASE(held.order_id, held.lease_token, next_attempt_at)


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


def columns(saga: Saga) -> dict[str, Any]:
    """The columns that say how far the saga is."""
    return {
        "deadline": saga.deadline,
        "open": saga.open,
        "backward": saga.backward,
        "customer_verified": saga.customer_verified,
        "stock": saga.stock.value,
        "payment": saga.payment.value,
        "reservation_id": saga.reservation_id,
        "payment_id": saga.payment_id,
        "cancel_requested": saga.cancel_requested,
        "reason": saga.reason and saga.reason.value,
        "attempts": saga.attempts,
    }


def money(amount_minor: int | None, currency: str | None) -> Money | None:
    """An amount out of its two columns; None while it is not known."""
    return None if amount_minor is None or currency is None else Money(amount_minor, currency)


async def lines_of(order_ids: list[UUID], currencies: dict[UUID, str | None]) -> dict[UUID, tuple[OrderedLine, ...]]:
    """The lines of each order, as they were given."""
    found: dict[UUID, list[OrderedLine]] = {order_id: [] for order_id in order_ids}
    if not order_ids:
        return {}
    for row in await _LINES(order_ids):
        price = money(row["unit_price_minor"], currencies[row["order_id"]])
        found[row["order_id"]].append(OrderedLine(row["sku"], row["quantity"], price))
    return {order_id: tuple(lines) for order_id, lines in found.items()}


def _terms(lease: Lease, now: datetime) -> tuple[UUID, str, datetime]:
    return uuid4(), lease.instance, now + lease.length


def _known(row: Row, doubtful: bool) -> Saga:
    saga = load(row)
    return doubt(saga) if doubtful else saga


async def _hold(rows: list[Row]) -> list[Held]:
    order_ids = [row["order_id"] for row in rows]
    if not order_ids:
        return []
    orders = {row["order_id"]: row for row in await _ORDERS(order_ids)}
    lines = await lines_of(order_ids, {order_id: order["currency"] for order_id, order in orders.items()})
    return [_held(row, orders[row["order_id"]], lines[row["order_id"]]) for row in rows]


def _held(row: Row, order: Row, lines: tuple[OrderedLine, ...]) -> Held:
    return Held(
        order_id=row["order_id"],
        customer_id=order["customer_id"],
        lines=lines,
        total=money(order["total_minor"], order["currency"]),
        saga=_known(row, row["doubtful"]),
        card_token=row["card_token"],
        lease_token=row["lease_token"],
        version=row["version"],
        doubtful=row["doubtful"],
        traceparent=row["traceparent"],
        correlation_id=row["correlation_id"],
        started_at=row["started_at"],
        updated_at=order["updated_at"],
    )
