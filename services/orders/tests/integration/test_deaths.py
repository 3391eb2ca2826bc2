"""kill -9 in every write of a saga: whether or not the write comes about, the order ends with one effect of each."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
from deaths import Write, die_in, noted
from standins import HANG, REFUSE

from conftest import Client, System
from testkit.waiting import wait_until

STEPS = ["verify_customer", "reserve_stock", "authorise_payment", "commit_reservation", "capture_payment"]
PLACED = Write("saga", "INSERT", "true")
WISH = Write("saga", "UPDATE", "NEW.cancel_requested AND NOT OLD.cancel_requested")
REOPENED = Write("saga", "UPDATE", "NEW.open AND NOT OLD.open")

whether_written = pytest.mark.parametrize("written", [False, True], ids=["lost", "written"])


@whether_written
@pytest.mark.parametrize("step", STEPS)
async def test_a_death_in_the_write_of_a_step(system: System, step: str, written: bool) -> None:
    """The step was done and answered; the last of them is written together with the confirmation and its event."""
    client, key = system.client(), str(uuid4())
    await die_in(system, noted(step), client.place(key=key), written=written)
    order_id = await _confirmed_once(system, client)
    if step != "verify_customer":
        assert system.world.called(order_id).count(step) == (1 if written else 2)
    status, again, _ = await client.place(key=key)
    assert (status, again["order_id"]) == (201, order_id)


@whether_written
async def test_a_death_in_the_write_of_a_new_order(system: System, written: bool) -> None:
    """A client that was not answered asks again under its key; there is one order."""
    client, key = system.client(), str(uuid4())
    await die_in(system, PLACED, client.place(key=key), written=written)
    assert len(await _orders(client)) == (1 if written else 0)
    await wait_until(lambda: _taken(client, key), what="an answer under the same key")
    await _confirmed_once(system, client)


@whether_written
@pytest.mark.parametrize("compensation", ["void_payment", "release_reservation"])
async def test_a_death_in_the_write_of_a_compensation(system: System, compensation: str, written: bool) -> None:
    system.world.fail("capture_payment", REFUSE, 409, "payment-status")
    client = system.client()
    await die_in(system, noted(compensation), client.place(), written=written)
    order = await _cancelled_once(system, client, ("returned", "voided"))
    assert order["reason"] == "payment-refused"
    assert system.world.called(order["order_id"]).count(compensation) == (1 if written else 2)


@whether_written
@pytest.mark.parametrize("write", [noted("refund_payment"), noted("release_reservation")], ids=str)
async def test_a_death_while_a_paid_order_is_taken_back(system: System, write: Write, written: bool) -> None:
    client = system.client()
    _, order, _ = await client.place()
    await die_in(system, write, _cancel(client, order["order_id"]), written=written)
    await _cancelled_once(system, client, ("returned", "refunded"))
    assert system.world.done["refunded", order["order_id"]] == 1


async def test_a_death_while_a_refund_is_not_answered(system: System) -> None:
    client = system.client()
    _, order, _ = await client.place()
    system.world.fail("refund_payment", HANG)
    cancelling = asyncio.create_task(_cancel(client, order["order_id"]))
    await asyncio.to_thread(system.world.arrived.wait, 10)
    system.server.kill()
    with suppress(aiohttp.ClientError):
        await cancelling
    system.world.heal()
    await asyncio.to_thread(system.server.start)
    await _cancelled_once(system, client, ("returned", "refunded"))
    assert system.world.done["refunded", order["order_id"]] == 1


@whether_written
async def test_a_death_in_the_write_of_a_wish_to_take_a_paid_order_back(system: System, written: bool) -> None:
    """A wish that was lost was not answered either; the customer has it again."""
    client = system.client()
    _, order, _ = await client.place()
    await die_in(system, REOPENED, _cancel(client, order["order_id"]), written=written)
    if not written:
        assert (await client.until(order["order_id"], "confirmed"))["reason"] is None
        await _cancel(client, order["order_id"])
    await _cancelled_once(system, client, ("returned", "refunded"))
    assert system.world.done["refunded", order["order_id"]] == 1


@whether_written
async def test_a_death_in_the_write_of_a_wish_while_the_order_is_pending(system: System, written: bool) -> None:
    system.world.fail("authorise_payment", HANG)
    client = system.client()
    placing = asyncio.create_task(client.place())
    await asyncio.to_thread(system.world.arrived.wait, 10)
    order_id = (await _orders(client))[0]["order_id"]
    await die_in(system, WISH, _cancel(client, order_id), written=written)
    with suppress(aiohttp.ClientError):
        await placing
    if written:
        order = await _cancelled_once(system, client, ("released", "voided"))
        assert order["reason"] == "cancelled-by-customer"
    else:
        await _confirmed_once(system, client)


async def _cancel(client: Client, order_id: str) -> Any:
    return await client.call("POST", f"/orders/{order_id}/cancel")


async def _taken(client: Client, key: str) -> bool:
    return (await client.place(key=key))[0] in {201, 202}


async def _orders(client: Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.call("GET", "/orders"))[1]["items"]
    return items


async def _confirmed_once(system: System, client: Client) -> str:
    """The customer's only order is confirmed, with one reservation, one payment and one event; its identifier."""
    (placed,) = await _orders(client)
    order_id: str = placed["order_id"]
    await client.until(order_id, "confirmed")
    assert system.world.books(order_id) == ("sold", "captured")
    for effect in ("reserve_stock", "authorise_payment", "captured"):
        assert system.world.done[effect, order_id] == 1
    assert await _told(system, order_id) == ["orders.order.confirmed.v1", "orders.order.placed.v1"]
    return order_id


async def _cancelled_once(system: System, client: Client, books: tuple[str, str]) -> dict[str, Any]:
    """The customer's only order is cancelled, was told of so once, and nothing is left of it."""
    (placed,) = await _orders(client)
    order = await client.until(placed["order_id"], "cancelled")
    assert system.world.books(order["order_id"]) == books
    assert (await _told(system, order["order_id"])).count("orders.order.cancelled.v1") == 1
    return order


async def _told(system: System, order_id: str) -> list[str]:
    """The types of the order's events, sorted."""
    connection = await asyncpg.connect(**system.database.connect_arguments())
    try:
        rows = await connection.fetch("SELECT type FROM outbox WHERE subject = $1 ORDER BY type", order_id)
        return [row["type"] for row in rows]
    finally:
        await connection.close()
