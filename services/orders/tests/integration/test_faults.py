"""Sagas while neighbours fail, while customers leave, and while the process dies."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
from standins import HANG, LOSE_ANSWER, LOSE_REQUEST, REFUSE

from conftest import Client, System
from orders.runner import CROWD
from testkit.waiting import wait_until

STEPS = ["get_customer", "reserve_stock", "authorise_payment", "commit_reservation", "capture_payment"]


@pytest.mark.parametrize("operation", STEPS)
@pytest.mark.parametrize("fault", [LOSE_ANSWER, LOSE_REQUEST, REFUSE])
async def test_a_passing_fault_is_ridden_out_with_one_effect(system: System, operation: str, fault: str) -> None:
    system.world.fail(operation, fault, times=4)
    client = system.client()
    status, order, headers = await client.place()
    assert status in {201, 202}
    if status == 202:
        assert headers["Location"] == f"/orders/{order['order_id']}"
    order = await client.until(order["order_id"], "confirmed")
    assert system.world.books(order["order_id"]) == ("sold", "captured")
    for effect in ("reserve_stock", "authorise_payment", "captured"):
        assert system.world.done[effect, order["order_id"]] == 1


async def test_an_answer_that_takes_longer_than_the_caller_waits_is_202(system: System) -> None:
    system.world.fail("reserve_stock", HANG)
    client = system.client()
    status, order, headers = await client.place(headers={"X-Request-Timeout-Ms": "600"})
    assert (status, order["status"]) == (202, "pending")
    assert headers["Location"] == f"/orders/{order['order_id']}"
    system.world.heal()
    await client.until(order["order_id"], "confirmed")


async def test_a_process_with_too_much_in_hand_answers_at_once_and_works_it_off(
    make_system: Callable[..., AbstractContextManager[System]],
) -> None:
    with make_system(ORDERS_DRIVERS="1") as system:
        system.world.fail("get_customer", HANG, times=50)
        client = system.client()
        placing = [asyncio.create_task(client.place()) for _ in range(CROWD)]
        await asyncio.to_thread(system.world.arrived.wait, 10)
        await wait_until(lambda: _orders_are(client, CROWD), what="orders placed")
        async with asyncio.timeout(1):
            status, order, _ = await client.place()
        assert (status, order["status"]) == (202, "pending")
        system.world.heal()
        await client.until(order["order_id"], "confirmed")
        assert {status for status, _, _ in await asyncio.gather(*placing)} <= {201, 202}


async def _orders_are(client: Client, count: int) -> bool:
    return len((await client.call("GET", "/orders"))[1]["items"]) == count


async def test_a_customer_who_hangs_up_does_not_stop_the_saga(system: System) -> None:
    system.world.fail("authorise_payment", HANG)
    client = system.client()
    with suppress(TimeoutError):
        async with asyncio.timeout(0.8):
            await client.place()
    system.world.heal()
    order = await _only_order(client)
    await client.until(order["order_id"], "confirmed")


async def _only_order(client: Client) -> dict[str, Any]:
    async def look() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await client.call("GET", "/orders"))[1]["items"]
        return items

    orders: list[dict[str, Any]] = await wait_until(look)
    return orders[0]


async def test_an_order_past_its_bound_is_taken_back_even_when_an_answer_was_lost(
    make_system: Callable[..., AbstractContextManager[System]],
) -> None:
    with make_system(ORDERS_SAGA_BOUND="1") as system:
        system.world.fail("authorise_payment", LOSE_ANSWER, times=1)
        system.world.fail("authorise_payment", REFUSE, times=200)
        client = system.client()
        _, order, _ = await client.place()
        await asyncio.sleep(1)
        system.world.faults.clear()
        order = await client.until(order["order_id"], "cancelled")
        assert order["reason"] == "timed-out"
        assert system.world.books(order["order_id"]) == ("released", "voided")


@pytest.mark.parametrize("operation", STEPS)
async def test_a_killed_process_resumes_where_it_was(system: System, operation: str) -> None:
    system.world.fail(operation, HANG)
    client, key = system.client(), str(uuid4())
    placing = asyncio.create_task(client.place(key=key))
    await asyncio.to_thread(system.world.arrived.wait, 10)
    system.server.kill()
    with suppress(aiohttp.ClientError):
        await placing
    system.world.heal()
    await asyncio.to_thread(system.server.start)

    order = await _only_order(client)
    order = await client.until(order["order_id"], "confirmed")
    assert system.world.books(order["order_id"]) == ("sold", "captured")
    for effect in ("reserve_stock", "authorise_payment", "captured"):
        assert system.world.done[effect, order["order_id"]] == 1
    status, again, _ = await client.place(key=key)
    assert (status, again["order_id"]) == (201, order["order_id"])


@pytest.mark.parametrize("operation", ["void_payment", "release_reservation"])
async def test_a_killed_process_goes_on_compensating(system: System, operation: str) -> None:
    system.world.fail("capture_payment", REFUSE, 409, "payment-conflict")
    system.world.fail(operation, HANG)
    client = system.client()
    placing = asyncio.create_task(client.place())
    await asyncio.to_thread(system.world.arrived.wait, 10)
    system.server.kill()
    with suppress(aiohttp.ClientError):
        await placing
    system.world.heal()
    await asyncio.to_thread(system.server.start)
    order = await _only_order(client)
    order = await client.until(order["order_id"], "cancelled")
    assert order["reason"] == "payment-refused"
    assert system.world.books(order["order_id"]) == ("returned", "voided")


async def test_a_capture_after_the_money_was_let_go_cancels_the_order_and_gives_its_stock_back(system: System) -> None:
    """payments lets go of what is held for too long, and tells nobody; the order finds out when it captures."""
    system.world.fail("commit_reservation", HANG)
    client = system.client()
    placing = asyncio.create_task(client.place())
    await asyncio.to_thread(system.world.arrived.wait, 10)
    order = await _only_order(client)
    (payment,) = [each for each in system.world.payments.values() if each["order_id"] == order["order_id"]]
    payment["status"] = "voided"
    system.world.heal()
    await placing
    order = await client.until(order["order_id"], "cancelled")
    assert order["reason"] == "payment-refused"
    assert system.world.books(order["order_id"]) == ("returned", "voided")
    assert system.world.done["captured", order["order_id"]] == 0


async def test_a_replica_takes_over_from_one_that_hangs_and_the_late_one_changes_nothing(
    make_system: Callable[..., AbstractContextManager[System]],
) -> None:
    with make_system() as system, system.replica("orders-2") as second:
        system.world.fail("commit_reservation", HANG)
        client = system.client()
        placing = asyncio.create_task(client.place())
        await asyncio.to_thread(system.world.arrived.wait, 10)
        system.server.pause()
        system.world.heal()
        other = system.client_of(client.customer_id, second)
        order = await _only_order(other)
        await other.until(order["order_id"], "confirmed")
        system.server.resume()
        with suppress(aiohttp.ClientError, TimeoutError):
            await asyncio.wait_for(placing, 5)
        assert (await client.until(order["order_id"], "confirmed"))["status"] == "confirmed"
        assert system.world.done["captured", order["order_id"]] == 1


async def test_sagas_are_driven_again_after_the_database_failed(
    make_system: Callable[..., AbstractContextManager[System]],
) -> None:
    with make_system() as system:
        connection = await asyncpg.connect(**system.database.connect_arguments())
        await connection.execute("ALTER TABLE saga RENAME TO saga_away")
        await wait_until(lambda: "background sagas failed" in system.server.log.read_text(), what="a failed runner")
        await connection.execute("ALTER TABLE saga_away RENAME TO saga")
        await connection.close()

        status, order, _ = await system.client().place()

        assert (status, order["status"]) == (201, "confirmed")


async def test_an_orderly_end_leaves_no_lease(make_system: Callable[..., AbstractContextManager[System]]) -> None:
    with make_system(ORDERS_LEASE="300") as system:
        system.world.fail("reserve_stock", REFUSE, times=100)
        client = system.client()
        _, order, _ = await client.place(headers={"X-Request-Timeout-Ms": "500"})
        await asyncio.to_thread(system.server.stop)
        system.world.faults.clear()
        with system.replica("orders-2") as second:
            other = system.client_of(client.customer_id, second)
            await other.until(order["order_id"], "confirmed")
