"""The use cases of inventory: load, decide, commit."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.idempotency import Attempt
from chassis.ids import uuid7
from chassis.messaging import Event, consumer, publish
from chassis.persistence import after_commit, transaction
from chassis.telemetry import annotate
from inventory import domain, names, reservations, statements, telemetry
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
from inventory.stock import Lines, move
from inventory.tables import Product


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
        priced = await _price(domain.merge_lines(lines), lines)
        wanted = _new(order_id, priced, now + hold)
        available = await _hold(wanted, now)
    except QuantityTooLargeError as error:
        raise QuantityTooLarge(str(error)) from None
    except MixedCurrenciesError:
        raise MixedCurrencies from None
    except InsufficientStock:
        telemetry.INSUFFICIENT.inc()
        raise
    if available is None:
        return _annotated(await _earlier(wanted)), False
    telemetry.OUTCOMES[Status.HELD].inc()
    telemetry.DEPLETIONS.inc(sum(left == 0 for left in available.values()))
    return _annotated(wanted), True


async def commit(reservation_id: UUID) -> StoredReservation:
    """Sell what is held.

    Raises:
        ReservationUnknown: there is none such.
        ReservationExpired: it was held too long.
        ReservationEnded: it was released or brought back.
    """
    now = datetime.now(UTC)

    def decide(reservation: StoredReservation) -> Step:
        try:
            return domain.commit(reservation.status, expires_at=reservation.expires_at, now=now)
        except RefusedTransitionError as error:
            if error.status is Status.EXPIRED:
                raise ReservationExpired from None
            raise ReservationEnded(error.status) from None

    reservation, ended = await _end(reservation_id, decide, now)
    if ended:
        telemetry.OUTCOMES[reservation.status].inc()
    return _annotated(reservation)


async def release(reservation_id: UUID) -> StoredReservation:
    """Give back what is held, bring back what is sold; nothing when that was done before.

    Raises:
        ReservationUnknown: there is none such.
    """
    reservation, ended = await _end(reservation_id, _release, datetime.now(UTC))
    if ended:
        telemetry.OUTCOMES[reservation.status].inc()
    return _annotated(reservation)


async def expire(reservation_id: UUID) -> None:
    """Give back what was held too long; nothing when it ended before."""
    now = datetime.now(UTC)

    def decide(reservation: StoredReservation) -> Step:
        return domain.expire(reservation.status, expires_at=reservation.expires_at, now=now)

    async with transaction():
        reservation, ended = await _end(reservation_id, decide, now)
        if ended:
            after_commit(telemetry.OUTCOMES[reservation.status].inc)
            expired = ReservationExpiredEvent(reservation_id, reservation.order_id, now)
            await publish(RESERVATION_EXPIRED, expired, subject=str(reservation_id))


async def get(reservation_id: UUID) -> StoredReservation:
    """The reservation.

    Raises:
        ReservationUnknown: there is none such.
    """
    return _annotated(await _known(reservation_id))


async def restock(*, sku: str, quantity: int, attempt: Attempt) -> int:
    """Take pieces of a product into stock; how many are available then. An attempt that died is not made again.

    Raises:
        UnknownSku: there is no such product.
    """
    if attempt.reference is not None:
        return int(attempt.reference)
    now = datetime.now(UTC)
    async with transaction():
        if not await Product.exists().where(Product.sku == sku):
            raise UnknownSku(["sku"])
        available = (await move(Movement.RECEIVED, [(sku, quantity)], now=now))[sku]
        await attempt.remember(str(available))
    return available


@consumer(ORDER_CANCELLED, data=OrderCancelled)
async def release_cancelled_order(event: Event[OrderCancelled]) -> None:
    """Give back what a cancelled order still holds, or bring back what it was sold."""
    annotate({names.ORDER_ID: str(event.data.order_id)})
    found = await reservations.find_of_order(event.data.order_id)
    if found is not None:
        reservation, ended = await _end(found.reservation_id, _release, datetime.now(UTC))
        if ended:
            after_commit(telemetry.OUTCOMES[reservation.status].inc)


async def _price(merged: Lines, lines: Lines) -> list[PricedLine]:
    """The lines at today's prices; an unknown SKU is reported by its place among the lines as they were asked for."""
    rows = await statements.PRICES([sku for sku, _ in merged])
    prices = {row["sku"]: Money(row["price_minor"], row["currency"]) for row in rows}
    unknown = [f"lines[{index}].sku" for index, (sku, _) in enumerate(lines) if sku not in prices]
    if unknown:
        raise UnknownSku(unknown)
    return [PricedLine(sku, quantity, prices[sku]) for sku, quantity in merged]


def _new(order_id: UUID, priced: Sequence[PricedLine], expires_at: datetime) -> StoredReservation:
    return StoredReservation(
        reservation_id=uuid7(),
        order_id=order_id,
        status=Status.HELD,
        expires_at=expires_at,
        total=domain.total(priced),
        lines=tuple(priced),
    )


async def _hold(wanted: StoredReservation, now: datetime) -> dict[str, int] | None:
    """Store the reservation and hold its stock; what is then available, None if the order has a reservation."""
    async with transaction():
        available = await reservations.hold(wanted, now=now)
        for sku in (sku for sku, left in (available or {}).items() if left == 0):
            await publish(STOCK_DEPLETED, StockDepleted(sku, now), subject=sku)
    return available


async def _earlier(wanted: StoredReservation) -> StoredReservation:
    """The reservation that the order has already."""
    earlier = await reservations.find_of_order(wanted.order_id)
    if earlier is None:
        raise ReservationUnknown
    if earlier.quantities != wanted.quantities:
        raise ReservationDiffers(earlier.reservation_id)
    return earlier


async def _end(
    reservation_id: UUID, decide: Callable[[StoredReservation], Step], now: datetime
) -> tuple[StoredReservation, bool]:
    """Take the step that is decided on; the reservation after it, and whether it changed.

    The step is taken only if the reservation has not changed meanwhile; otherwise it is decided anew.
    """
    while True:
        reservation = await _known(reservation_id)
        step = decide(reservation)
        if step.movement is None:
            return reservation, False
        if await reservations.end(reservation, step.status, step.movement, now=now):
            return replace(reservation, status=step.status), True


async def _known(reservation_id: UUID) -> StoredReservation:
    reservation = await reservations.find(reservation_id)
    if reservation is None:
        raise ReservationUnknown
    return reservation


def _release(reservation: StoredReservation) -> Step:
    return domain.release(reservation.status)


def _annotated(reservation: StoredReservation) -> StoredReservation:
    annotate(
        {
            names.RESERVATION_ID: str(reservation.reservation_id),
            names.RESERVATION_STATUS: reservation.status.value,
            names.ORDER_ID: str(reservation.order_id),
        }
    )
    return reservation
