"""Stock under concurrency, in a real database."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from chassis.persistence import CheckViolation, transaction
from inventory import handlers, jobs
from inventory.domain import Movement, Status, replay
from inventory.errors import InsufficientStock
from inventory.seed import Demo, add
from inventory.tables import Reservation, Stock, StockMovement

pytestmark = pytest.mark.usefixtures("database")

HOLD = timedelta(minutes=15)


async def reserve(order_id: UUID, *lines: tuple[str, int], hold: timedelta = HOLD) -> UUID | None:
    """The reservation, or None for want of stock."""
    try:
        reservation, _ = await handlers.reserve(order_id=order_id, lines=lines, hold=hold)
    except InsufficientStock:
        return None
    return reservation.reservation_id


async def check_books(*skus: str) -> None:
    """The row and the movements of each SKU tell the same, and it adds up."""
    for sku in skus:
        row = await Stock.objects().get(Stock.sku == sku)
        moved = await StockMovement.objects().where(StockMovement.sku == sku)
        balance = replay((Movement(each.kind), each.quantity) for each in moved)
        assert row is not None
        assert balance.holds
        kept = (row.received, row.available, row.reserved, row.sold, row.returned)
        assert kept == (balance.received, balance.available, balance.reserved, balance.sold, balance.returned)


async def test_the_last_pieces_are_never_sold_twice() -> None:
    await add(Demo("CUP", "Cup", 500, stock=10))
    won = await asyncio.gather(*(reserve(uuid4(), ("CUP", 1)) for _ in range(40)))
    assert sum(each is not None for each in won) == 10
    await check_books("CUP")


async def test_opposite_orders_of_lines_do_not_deadlock() -> None:
    await add(Demo("CUP", "Cup", 500, stock=1000))
    await add(Demo("POT", "Pot", 900, stock=1000))
    lines = [("CUP", 1), ("POT", 1)]
    made = await asyncio.gather(
        *(reserve(uuid4(), *(lines if number % 2 else reversed(lines))) for number in range(40))
    )
    assert all(made)
    await check_books("CUP", "POT")


async def test_an_order_that_asks_several_times_at_once_reserves_once() -> None:
    await add(Demo("CUP", "Cup", 500, stock=10))
    order_id = uuid4()
    made = await asyncio.gather(*(reserve(order_id, ("CUP", 6)) for _ in range(6)))
    assert len(set(made)) == 1
    (stock,) = await Stock.select(Stock.available, Stock.reserved)
    assert (stock["available"], stock["reserved"]) == (4, 6)
    await check_books("CUP")


async def test_what_cannot_be_held_whole_is_not_held_in_part() -> None:
    await add(Demo("CUP", "Cup", 500, stock=100))
    await add(Demo("POT", "Pot", 900, stock=5))
    won = await asyncio.gather(*(reserve(uuid4(), ("CUP", 2), ("POT", 1)) for _ in range(15)))
    assert sum(each is not None for each in won) == 5
    assert await Reservation.count() == 5
    assert [row["reserved"] for row in await Stock.select(Stock.reserved).order_by(Stock.sku)] == [10, 5]
    await check_books("CUP", "POT")


async def test_any_race_of_commit_release_and_expiry_keeps_the_books() -> None:
    await add(Demo("CUP", "Cup", 500, stock=60))
    await add(Demo("POT", "Pot", 900, stock=60))
    draw = random.Random(11)
    reservations = [
        made
        for _ in range(25)
        if (made := await reserve(uuid4(), ("CUP", draw.randint(1, 4)), ("POT", draw.randint(1, 4))))
    ]
    ends = [(made, end) for made in reservations for end in draw.sample(["commit", "release", "release", "expire"], 3)]
    await Reservation.update({Reservation.expires_at: datetime.now(UTC)}).where(
        Reservation.reservation_id.is_in(reservations[::2])
    )
    steps = {"commit": handlers.commit, "release": handlers.release, "expire": handlers.expire}
    await asyncio.gather(*(steps[end](made) for made, end in ends), return_exceptions=True)
    await check_books("CUP", "POT")
    held = await Reservation.count().where(Reservation.status == Status.HELD.value)
    reserved = await Stock.select(Stock.reserved)
    assert (held == 0) == all(row["reserved"] == 0 for row in reserved)


async def test_replicas_that_expire_at_the_same_time_give_back_once() -> None:
    await add(Demo("CUP", "Cup", 500, stock=50))
    for _ in range(12):
        await reserve(uuid4(), ("CUP", 2), hold=timedelta(0))
    await asyncio.gather(*(jobs.expire_due(100) for _ in range(4)))
    assert await Reservation.count().where(Reservation.status == Status.EXPIRED.value) == 12
    assert await StockMovement.count().where(StockMovement.kind == Movement.RELEASED.value) == 12
    await check_books("CUP")


async def test_expiry_goes_on_in_batches() -> None:
    await add(Demo("CUP", "Cup", 500, stock=50))
    for _ in range(5):
        await reserve(uuid4(), ("CUP", 1), hold=timedelta(0))
    assert [await jobs.expire_due(2) for _ in range(4)] == [2, 2, 1, 0]


async def test_a_product_whose_last_piece_is_reserved_is_told() -> None:
    await add(Demo("CUP", "Cup", 500, stock=3))
    await reserve(uuid4(), ("CUP", 2))
    assert await told("inventory.stock.depleted.v1") == []
    await reserve(uuid4(), ("CUP", 1))
    assert await told("inventory.stock.depleted.v1") == ["CUP"]


async def told(event_type: str) -> list[str]:
    rows = await Stock.raw("SELECT subject FROM outbox WHERE type = {}", event_type)
    return [row["subject"] for row in rows]


async def test_the_database_refuses_books_that_do_not_add_up() -> None:
    await add(Demo("CUP", "Cup", 500, stock=3))
    with pytest.raises(CheckViolation):
        await Stock.update({Stock.available: 4}).where(Stock.sku == "CUP")
    with pytest.raises(CheckViolation):
        async with transaction():
            await Stock.insert(Stock(sku="POT", received=-1, available=-1, reserved=0, sold=0, returned=0))
