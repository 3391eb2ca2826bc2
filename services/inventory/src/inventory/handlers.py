"""The use cases of inventory: load, decide, commit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.ids import uuid7
from chassis.messaging import Event, consumer, publish
from chassis.persistence import after_commit, transaction
from chassis.telemetry import annotate
from inventory import domain, names, reservations, telemetry
from inventory.domain import (
    MixedCurrenciesError,
    Money,
    Movement,
    PricedLine,
    QuantityTooLargeError,
    RefusedTransitionError,
    Status,
    Step,
)
from inventory.errors import (
    InsufficientStock,
    MixedCurrencies,
    QuantityTooLarge,
    ReservationDiffers,
    ReservationEnded,
    ReservationExpired,
    ReservationUnknown,
    UnknownSku,
)
from inventory.events import ORDER_CANCELLED, RESERVATION_EXPIRED, STOCK_DEPLETED, OrderCancelled, StockDepleted
from inventory.events import ReservationExpired as ReservationExpiredEvent
from inventory.reservations import StoredReservation
from inventory.stock import move
from inventory.tables import Product

Lines = Sequence[tuple[str, int]]


async def reserve(*, order_id: UUID, lines: Lines, hold: timedelta) -> tuple[StoredReservation, bool]:
    """Hold stock for an order; the reservation, and whether it is new. An order has one: asked again, it is the same.

    Raises:
        UnknownSku: a line names no product.
        QuantityTooLarge: the lines of a SKU exceed the limit.
        MixedCurrencies: the products are priced in different currencies.
        InsufficientStock: fewer pieces are available; nothing is held.
        ReservationDiffers: the order has reserved something else.
    """
    annotate({names.ORDER_ID: str(order_id)})
    now = datetime.now(UTC)
    try:
        merged = domain.merge_lines(lines)
        async with transaction():
            reservation, new = await _reserve(order_id, merged, await _price(merged, lines), now, now + hold)
    except QuantityTooLargeError as error:
        raise QuantityTooLarge(str(error)) from None
    except MixedCurrenciesError:
        raise MixedCurrencies from None
    except InsufficientStock:
        telemetry.INSUFFICIENT.inc()
        raise
    if new:
        telemetry.OUTCOMES[Status.HELD].inc()
    return _annotated(reservation), new


async def commit(reservation_id: UUID) -> StoredReservation:
    """Sell what is held.

    Raises:
        ReservationUnknown: there is none such.
        ReservationExpired: it was held too long.
        ReservationEnded: it was released or brought back.
    """
    now = datetime.now(UTC)
    async with transaction():
        reservation = await _locked(reservation_id)
        try:
            step = domain.commit(reservation.status, expires_at=reservation.expires_at, now=now)
        except RefusedTransitionError as error:
            if error.status is Status.EXPIRED:
                raise ReservationExpired from None
            raise ReservationEnded(error.status) from None
        reservation = await _take(step, reservation, now)
    return _annotated(reservation)


async def release(reservation_id: UUID) -> StoredReservation:
    """Give back what is held, bring back what is sold; nothing when that was done before.

    Raises:
        ReservationUnknown: there is none such.
    """
    async with transaction():
        reservation = await _locked(reservation_id)
        reservation = await _take(domain.release(reservation.status), reservation, datetime.now(UTC))
    return _annotated(reservation)


async def expire(reservation_id: UUID) -> None:
    """Give back what was held too long; nothing when it ended before or another replica is at it."""
    now = datetime.now(UTC)
    async with transaction():
        reservation = await reservations.lock(reservation_id, skip_locked=True)
        if reservation is None:
            return
        step = domain.expire(reservation.status, expires_at=reservation.expires_at, now=now)
        await _take(step, reservation, now)
        if step.movement:
            expired = ReservationExpiredEvent(reservation_id, reservation.order_id, now)
            await publish(RESERVATION_EXPIRED, expired, subject=str(reservation_id))


async def get(reservation_id: UUID) -> StoredReservation:
    """The reservation.

    Raises:
        ReservationUnknown: there is none such.
    """
    reservation = await reservations.find(reservation_id)
    if reservation is None:
        raise ReservationUnknown
    return _annotated(reservation)


async def restock(*, sku: str, quantity: int) -> int:
    """Take pieces of a product into stock; how many are available then.

    Raises:
        UnknownSku: there is no such product.
    """
    now = datetime.now(UTC)
    async with transaction():
        if not await Product.exists().where(Product.sku == sku):
            raise UnknownSku(["sku"])
        available = await move(Movement.RECEIVED, [(sku, quantity)], now=now)
    return available[sku]


@consumer(ORDER_CANCELLED, data=OrderCancelled)
async def release_cancelled_order(event: Event[OrderCancelled]) -> None:
    """Give back what a cancelled order still holds, or bring back what it was sold."""
    annotate({names.ORDER_ID: str(event.data.order_id)})
    found = await reservations.find_of_order(event.data.order_id)
    if found is not None:
        reservation = await _locked(found.reservation_id)
        await _take(domain.release(reservation.status), reservation, datetime.now(UTC))


async def _price(merged: Lines, lines: Lines) -> list[PricedLine]:
    """The lines at today's prices; an unknown SKU is reported by its place among the lines as they were asked for."""
    rows = await Product.select(Product.sku, Product.price_minor, Product.currency).where(
        Product.sku.is_in([sku for sku, _ in merged])
    )
    prices = {row["sku"]: Money(row["price_minor"], row["currency"]) for row in rows}
    unknown = [f"lines[{index}].sku" for index, (sku, _) in enumerate(lines) if sku not in prices]
    if unknown:
        raise UnknownSku(unknown)
    return [PricedLine(sku, quantity, prices[sku]) for sku, quantity in merged]


async def _reserve(
    order_id: UUID, merged: Lines, priced: Sequence[PricedLine], now: datetime, expires_at: datetime
) -> tuple[StoredReservation, bool]:
    reservation_id = uuid7()
    if not await reservations.add(
        reservation_id=reservation_id, order_id=order_id, lines=priced, expires_at=expires_at, now=now
    ):
        earlier = await reservations.find_of_order(order_id)
        if earlier is None:
            raise ReservationUnknown
        if earlier.quantities != list(merged):
            raise ReservationDiffers(earlier.reservation_id)
        return earlier, False
    available = await move(Movement.HELD, merged, now=now, reservation_id=reservation_id)
    for sku in (sku for sku, left in available.items() if left == 0):
        telemetry.DEPLETIONS.inc()
        await publish(STOCK_DEPLETED, StockDepleted(sku, now), subject=sku)
    made = StoredReservation(
        reservation_id=reservation_id,
        order_id=order_id,
        status=Status.HELD,
        expires_at=expires_at,
        total=domain.total(priced),
        lines=tuple(priced),
    )
    return made, True


async def _locked(reservation_id: UUID) -> StoredReservation:
    reservation = await reservations.lock(reservation_id)
    if reservation is None:
        raise ReservationUnknown
    return reservation


async def _take(step: Step, reservation: StoredReservation, now: datetime) -> StoredReservation:
    """Write down a step of the reservation and move its stock; the reservation after it."""
    if step.movement is None:
        return reservation
    await reservations.set_status(reservation.reservation_id, step.status, now)
    await move(step.movement, reservation.quantities, now=now, reservation_id=reservation.reservation_id)
    after_commit(telemetry.OUTCOMES[step.status].inc)
    return replace(reservation, status=step.status)


def _annotated(reservation: StoredReservation) -> StoredReservation:
    annotate(
        {
            names.RESERVATION_ID: str(reservation.reservation_id),
            names.RESERVATION_STATUS: reservation.status.value,
            names.ORDER_ID: str(reservation.order_id),
        }
    )
    return reservation
