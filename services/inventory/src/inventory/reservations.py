"""Reservations as they are stored: a row and its lines, read and written together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from chassis.correlation import correlation_id
from chassis.telemetry import current_traceparent
from inventory import statements
from inventory.domain import Money, Movement, PricedLine, Status
from inventory.stock import available, moving


@dataclass(frozen=True, slots=True)
class StoredReservation:
    """A reservation with its lines in SKU order."""

    reservation_id: UUID
    order_id: UUID
    status: Status
    expires_at: datetime
    total: Money
    lines: tuple[PricedLine, ...]

    @property
    def quantities(self) -> list[tuple[str, int]]:
        """(sku, quantity) of each line."""
        return [(line.sku, line.quantity) for line in self.lines]


@dataclass(frozen=True, slots=True)
class AuditedReservation:
    """A reservation, and when it last changed."""

    reservation: StoredReservation
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    """A reservation to expire, and the trace it belongs to."""

    reservation_id: UUID
    traceparent: str
    correlation_id: str


async def hold(new: StoredReservation, *, now: datetime) -> dict[str, int] | None:
    """Store a new reservation and hold its stock, inside the open transaction; what is then available of each SKU.

    None, and nothing is written, when the order has a reservation.

    Raises:
        InsufficientStock: fewer pieces are available; the transaction must not commit.
    """
    rows = await statements.HOLD(
        *moving(new.reservation_id, Movement.HELD, new.quantities, now),
        new.order_id,
        new.total.amount_minor,
        new.total.currency,
        new.expires_at,
        current_traceparent() or "",
        correlation_id(),
        [line.unit_price.amount_minor for line in new.lines],
    )
    if len(rows) < len(new.lines) and await _is_other(new):
        return None
    return available(rows, new.quantities)


async def end(reservation: StoredReservation, status: Status, movement: Movement, *, now: datetime) -> bool:
    """Take a reservation to another status and move its stock; nothing, and False, when it has another by now."""
    rows = await statements.END(
        *moving(reservation.reservation_id, movement, reservation.quantities, now),
        reservation.status.value,
        status.value,
    )
    return bool(rows)


async def find(reservation_id: UUID) -> StoredReservation | None:
    """The reservation, if there is one."""
    return _stored(await statements.RESERVATION(reservation_id))


async def find_of_order(order_id: UUID) -> StoredReservation | None:
    """The order's reservation, if it has one."""
    return _stored(await statements.RESERVATION_OF_ORDER(order_id))


async def find_expired(now: datetime, *, limit: int) -> list[Expired]:
    """Reservations still held although their time has run out, the oldest first."""
    return [Expired(**row) for row in await statements.EXPIRED(now, limit)]


async def audited(*, limit: int, after: UUID | None) -> list[AuditedReservation]:
    """Reservations in the order of their making, those after the given one."""
    rows = await statements.AUDIT_RESERVATIONS(after or UUID(int=0), limit)
    found = []
    for _, group in groupby(rows, key=lambda row: row["reservation_id"]):
        lines = list(group)
        reservation = _stored(lines)
        if reservation is not None:
            found.append(AuditedReservation(reservation, lines[0]["updated_at"]))
    return found


async def _is_other(new: StoredReservation) -> bool:
    earlier = await find_of_order(new.order_id)
    return earlier is not None and earlier.reservation_id != new.reservation_id


def _stored(rows: Sequence[Any]) -> StoredReservation | None:
    if not rows:
        return None
    first = rows[0]
    currency = first["currency"]
    return StoredReservation(
        reservation_id=first["reservation_id"],
        order_id=first["order_id"],
        status=Status(first["status"]),
        expires_at=first["expires_at"],
        total=Money(first["total_minor"], currency),
        lines=tuple(PricedLine(row["sku"], row["quantity"], Money(row["unit_price_minor"], currency)) for row in rows),
    )
