"""Reads: orders as their customers see them, and the books as an audit sees them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from chassis.pages import AwareTime, Cut, cut, decode_cursor
from chassis.persistence import Prepared
from orders.domain.order import Status
from orders.errors import OrderNotFound
from orders.events import Money, OrderedLine
from orders.sagas import Held, Row, lines_of, money
from orders.tables import Order, SagaRow

STUCK_AFTER = timedelta(minutes=1)
"""An open saga counts as stuck this long after its deadline."""


_ORDER = Prepared("SELECT * FROM customer_order WHERE order_id = $1 AND customer_id = $2")
_PAGE = "SELECT * FROM customer_order WHERE customer_id = $1 AND CUT ORDER BY created_at DESC, order_id DESC LIMIT $2"
_LATEST = Prepared(_PAGE.replace("CUT", "true"))
_EARLIER = Prepared(_PAGE.replace("CUT", "(created_at, order_id) < ($3, $4)"))


class OrderRecord(Struct, frozen=True, kw_only=True):
    """An order with its lines."""

    order_id: UUID
    customer_id: str
    status: Status
    reason: str | None
    lines: tuple[OrderedLine, ...]
    total: Money | None
    correlation_id: str
    created_at: datetime
    updated_at: datetime


class SagaCounts(NamedTuple):
    """How many sagas are open, and how many of those are stuck."""

    open: int
    stuck: int


def record_of(held: Held) -> OrderRecord:
    """The order of a saga just driven, without asking the database."""
    return OrderRecord(
        order_id=held.order_id,
        customer_id=held.customer_id,
        status=held.saga.status,
        reason=held.reason,
        lines=held.lines,
        total=held.total,
        correlation_id=held.correlation_id,
        created_at=held.started_at,
        updated_at=held.updated_at,
    )


async def get_order(order_id: UUID, customer_id: str) -> OrderRecord:
    """One order of this customer.

    Raises:
        OrderNotFound: there is none.
    """
    rows = await _ORDER(order_id, customer_id)
    if not rows:
        raise OrderNotFound
    return (await _complete(rows))[0]


async def list_orders(customer_id: str, *, limit: int, cursor: str | None) -> Cut[OrderRecord]:
    """The customer's orders, the newest first.

    Raises:
        InvalidCursor: the cursor is not one of this list.
    """
    after = None if cursor is None else decode_cursor(cursor, tuple[AwareTime, UUID])
    rows = await (_LATEST(customer_id, limit + 1) if after is None else _EARLIER(customer_id, limit + 1, *after))
    return cut(await _complete(rows), limit, lambda order: (order.created_at, order.order_id))


async def audit_orders(*, limit: int, cursor: str | None) -> Cut[OrderRecord]:
    """Every order, by its id.

    Raises:
        InvalidCursor: the cursor is not one of this list.
    """
    query = Order.select().order_by(Order.order_id).limit(limit + 1)
    if cursor is not None:
        query = query.where(Order.order_id > decode_cursor(cursor, tuple[UUID])[0])
    return cut(await _complete(await query), limit, lambda order: (order.order_id,))


async def audit_sagas(*, open_only: bool, limit: int, cursor: str | None) -> Cut[Row]:
    """Every saga, or every open one, by its order's id.

    Raises:
        InvalidCursor: the cursor is not one of this list.
    """
    query = SagaRow.select().order_by(SagaRow.order_id).limit(limit + 1)
    if open_only:
        query = query.where(SagaRow.open.eq(True))
    if cursor is not None:
        query = query.where(SagaRow.order_id > decode_cursor(cursor, tuple[UUID])[0])
    return cut(await query, limit, lambda row: (row["order_id"],))


async def total_orders() -> list[Row]:
    """How many orders there are and what they come to, by status and currency."""
    rows: list[Row] = await Order.raw(
        "SELECT status, currency, count(*) AS orders, coalesce(sum(total_minor), 0)::bigint AS total_minor "
        "FROM customer_order GROUP BY status, currency ORDER BY status, currency"
    )
    return rows


async def count_sagas(now: datetime) -> SagaCounts:
    """The sagas that have not ended."""
    rows: list[dict[str, Any]] = await SagaRow.raw(
        "SELECT count(*) AS open, count(*) FILTER (WHERE deadline < {}) AS stuck FROM saga WHERE open",
        now - STUCK_AFTER,
    )
    return SagaCounts(rows[0]["open"], rows[0]["stuck"])


async def _complete(rows: Sequence[Row]) -> list[OrderRecord]:
    lines = await lines_of([row["order_id"] for row in rows], {row["order_id"]: row["currency"] for row in rows})
    return [
        OrderRecord(
            order_id=row["order_id"],
            customer_id=row["customer_id"],
            status=Status(row["status"]),
            reason=row["reason"],
            lines=lines[row["order_id"]],
            total=money(row["total_minor"], row["currency"]),
            correlation_id=row["correlation_id"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )
        for row in rows
    ]
