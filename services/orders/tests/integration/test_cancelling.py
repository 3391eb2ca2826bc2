"""Taking orders back."""

import asyncio
from uuid import uuid4

from standins import HANG, REFUSE

from conftest import System


async def test_a_confirmed_order_is_refunded_and_its_stock_returned(system: System) -> None:
    client = system.client()
    _, order, _ = await client.place()
    status, cancelled, _ = await client.call("POST", f"/orders/{order['order_id']}/cancel")
    assert (status, cancelled["status"], cancelled["reason"]) == (200, "cancelled", "cancelled-by-customer")
    assert system.world.books(order["order_id"]) == ("returned", "refunded")


async def test_cancelling_again_changes_nothing(system: System) -> None:
    client = system.client()
    _, order, _ = await client.place()
    first = await client.call("POST", f"/orders/{order['order_id']}/cancel")
    second = await client.call("POST", f"/orders/{order['order_id']}/cancel")
    assert (first[0], first[1]) == (second[0], second[1])
    assert system.world.done["refunded", order["order_id"]] == 1


async def test_a_declined_order_stays_as_it_is(system: System) -> None:
    client = system.client()
    _, order, _ = await client.place("tok_decline")
    status, again, _ = await client.call("POST", f"/orders/{order['order_id']}/cancel")
    assert (status, again) == (200, order)


async def test_a_pending_order_is_taken_back_before_its_capture(system: System) -> None:
    system.world.fail("authorise_payment", HANG)
    client = system.client()
    placing = asyncio.create_task(client.place())
    await asyncio.to_thread(system.world.arrived.wait, 10)
    order_id = (await client.call("GET", "/orders"))[1]["items"][0]["order_id"]
    status, pending, headers = await client.call(
        "POST", f"/orders/{order_id}/cancel", headers={"X-Request-Timeout-Ms": "400"}
    )
    assert (status, pending["status"], headers["Location"]) == (202, "pending", f"/orders/{order_id}")
    system.world.heal()
    await placing
    order = await client.until(order_id, "cancelled")
    assert order["reason"] == "cancelled-by-customer"
    assert system.world.books(order_id) == ("released", "voided")


async def test_a_refund_that_fails_is_tried_until_it_succeeds(system: System) -> None:
    client = system.client()
    _, order, _ = await client.place()
    system.world.fail("refund_payment", REFUSE, 409, "payment-conflict", times=3)
    status, under_way, _ = await client.call(
        "POST", f"/orders/{order['order_id']}/cancel", headers={"X-Request-Timeout-Ms": "300"}
    )
    assert (status, under_way["status"]) in {(202, "confirmed"), (200, "cancelled")}
    await client.until(order["order_id"], "cancelled")
    assert system.world.books(order["order_id"]) == ("returned", "refunded")


async def test_nobody_cancels_or_sees_another_customers_order(system: System) -> None:
    _, order, _ = await system.client().place()
    stranger = system.client()
    for method, path in (("POST", f"/orders/{order['order_id']}/cancel"), ("GET", f"/orders/{order['order_id']}")):
        status, problem, _ = await stranger.call(method, path)
        assert (status, problem["reason"]) == (404, "order-not-found")
    assert system.world.books(order["order_id"]) == ("sold", "captured")


async def test_an_unknown_order_is_not_found(system: System) -> None:
    status, problem, _ = await system.client().call("GET", f"/orders/{uuid4()}")
    assert (status, problem["reason"]) == (404, "order-not-found")
