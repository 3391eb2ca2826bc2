"""Reservations as they are stored: a row and its lines, read and written together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.correlation import correlation_id
from chassis.telemetry import current_traceparent
from inventory.domain import Money, PricedLine, Status, total
from inventory.tables import Reservation, ReservationLine


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
class Expired:
    """A reservation to expire, and the trace it belongs to."""

    reservation_id: UUID
    traceparent: str
    correlation_id: str


async def add(
    *, reservation_id: UUID, order_id: UUID, lines: Sequence[PricedLine], expires_at: datetime, now: datetime
) -> bool:
    """Store a new reservation, unless the order has one already; whether it was stored."""
    price = total(lines)
    row = Reservation(
        reservation_id=reservation_id,
        order_id=order_id,
        status=Status.HELD.value,
        total_minor=price.amount_minor,
        currency=price.currency,
        expires_at=expires_at,
        traceparent=current_traceparent() or "",
        correlation_id=correlation_id(),
        created_at=now,
        updated_at=now,
    )
    stored = await Reservation.insert(row).on_conflict(target=Reservation.order_id, action="DO NOTHING")
    if not stored:
        return False
    await ReservationLine.insert(
        *(
            ReservationLine(
                reservation=reservation_id,
                sku=line.sku,
                quantity=line.quantity,
                unit_price_minor=line.unit_price.amount_minor,
            )
            for line in lines
        )
    )
    return True


async def find(reservation_id: UUID) -> StoredReservation | None:
    """The reservation, if there is one."""
    row = await Reservation.objects().get(Reservation.reservation_id == reservation_id)
    return await _with_lines(row) if row else None


async def find_of_order(order_id: UUID) -> StoredReservation | None:
    """The order's reservation, if it has one."""
    row = await Reservation.objects().get(Reservation.order_id == order_id)
    return await _with_lines(row) if row else None


async def lock(reservation_id: UUID, *, skip_locked: bool = False) -> StoredReservation | None:
    """The reservation, if there is one, locked until the open transaction ends.

    One that is locked by another is waited for, or passed over with `skip_locked`.
    """
    query = Reservation.objects().where(Reservation.reservation_id == reservation_id).first()
    row = await query.lock_rows("UPDATE", skip_locked=skip_locked)
    return await _with_lines(row) if row else None


async def find_expired(now: datetime, *, limit: int) -> list[Expired]:
    """Reservations still held although their time has run out, the oldest first."""
    rows = (
        await Reservation.select(Reservation.reservation_id, Reservation.traceparent, Reservation.correlation_id)
        .where((Reservation.status == Status.HELD.value) & (Reservation.expires_at <= now))
        .order_by(Reservation.expires_at)
        .limit(limit)
    )
    return [Expired(**row) for row in rows]


async def set_status(reservation_id: UUID, status: Status, now: datetime) -> None:
    """Write down where the reservation is in its life."""
    await Reservation.update({Reservation.status: status.value, Reservation.updated_at: now}).where(
        Reservation.reservation_id == reservation_id
    )


async def _with_lines(row: Reservation) -> StoredReservation:
    lines = (
        await ReservationLine.objects()
        .where(ReservationLine.reservation == row.reservation_id)
        .order_by(ReservationLine.sku)
    )
    return StoredReservation(
        reservation_id=row.reservation_id,
        order_id=row.order_id,
        status=Status(row.status),
        expires_at=row.expires_at,
        total=Money(row.total_minor, row.currency),
        lines=tuple(PricedLine(line.sku, line.quantity, Money(line.unit_price_minor, row.currency)) for line in lines),
    )
