"""Listings, the audit's reads, and what orders tells of itself."""

import aiohttp
import pytest

from conftest import System
from testkit.waiting import wait_until


async def test_pages_hold_every_order_once_the_newest_first(system: System) -> None:
    client = system.client()
    placed = [(await client.place())[1]["order_id"] for _ in range(5)]
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        status, page, _ = await client.call("GET", "/orders", params=query)
        assert status == 200
        seen += [order["order_id"] for order in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == placed[::-1]


@pytest.mark.parametrize("cursor", ["x", "bm90IGEgY3Vyc29y", "WyIyMDI2LTAxLTAxIiwgMV0", "é"])
async def test_a_malformed_cursor_is_named(system: System, cursor: str) -> None:
    status, problem, _ = await system.client().call("GET", "/orders", params={"cursor": cursor})
    assert (status, problem["reason"]) == (422, "invalid-cursor")
    assert problem["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("limit", ["0", "101", "x"])
async def test_a_limit_out_of_bounds_is_refused(system: System, limit: str) -> None:
    status, problem, _ = await system.client().call("GET", "/orders", params={"limit": limit})
    assert status == 422
    assert problem["errors"][0]["field"] == "limit"


async def test_the_audit_sees_every_order_and_saga_with_totals(system: System) -> None:
    _, order, _ = await system.client().place()
    async with aiohttp.ClientSession(system.server.url, headers=system.service_headers()) as session:
        async with session.get("/audit/orders", params={"limit": 100}) as answer:
            orders = await answer.json()
        async with session.get("/audit/sagas", params={"limit": 100}) as answer:
            sagas = await answer.json()
        async with session.get("/audit/sagas", params={"open": "true"}) as answer:
            unfinished = await answer.json()
    assert order["order_id"] in {each["order_id"] for each in orders["items"]}
    confirmed = next(total for total in orders["totals"] if total["status"] == "confirmed")
    assert confirmed["total_minor"] >= 2500
    saga = next(each for each in sagas["items"] if each["order_id"] == order["order_id"])
    assert (saga["open"], saga["stock"], saga["payment"]) == (False, "sold", "captured")
    assert "card_token" not in saga
    assert unfinished["items"] == []
    assert sagas["totals"] == {"open": 0, "stuck": 0}


async def test_the_audit_is_closed_to_customers_and_other_services(system: System) -> None:
    assert (await system.client().call("GET", "/audit/orders"))[0] == 403
    async with (
        aiohttp.ClientSession(headers=system.service_headers("inventory")) as session,
        session.get(f"{system.server.url}/audit/orders") as answer,
    ):
        assert answer.status in {401, 403}


async def test_metrics_count_orders_by_their_end(system: System) -> None:
    await system.client().place()
    await system.client().place("tok_decline")

    async def counted() -> bool:
        async with aiohttp.ClientSession() as session, session.get(f"{system.server.url}/metrics") as answer:
            text = await answer.text()
        return all(
            name in text and f"{name} 0.0" not in text
            for name in (
                "orders_placed_total",
                'orders_finished_total{order_reason="none",order_status="confirmed"}',
                'orders_finished_total{order_reason="card-declined",order_status="cancelled"}',
                'orders_saga_duration_seconds_count{order_status="confirmed"}',
            )
        )

    await wait_until(counted)
