"""What operators can see."""

from typing import Any
from uuid import uuid4

from conftest import System


async def test_pages_hold_each_notification_once(system: System) -> None:
    customer, order = system.customer(), str(uuid4())
    events = [await system.confirm(order, customer), await system.cancel(order, customer), await system.refund(order)]
    for event in events:
        await system.noted(event)
    seen, cursor = [], None
    while True:
        query: dict[str, Any] = {"limit": 2, "order_id": order} | ({"cursor": cursor} if cursor else {})
        _, page = await system.read("/notifications", **query)
        seen += [item["event_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(events)


async def test_a_malformed_cursor_is_named(system: System) -> None:
    status, problem = await system.read("/notifications", cursor="x")
    assert (status, problem["reason"], problem["errors"][0]["field"]) == (422, "invalid-cursor", "cursor")


async def test_the_audit_counts_by_kind_and_status_and_tells_no_address(system: System) -> None:
    event = await system.confirm(str(uuid4()), system.customer())
    await system.noted(event)
    status, audit = await system.read("/audit/notifications", limit=100)
    assert status == 200
    total = next(each for each in audit["totals"] if (each["kind"], each["status"]) == ("order-confirmed", "sent"))
    assert total["notifications"] >= 1
    assert "@example.org" not in str(audit)


async def test_an_unknown_notification_is_not_found(system: System) -> None:
    status, problem = await system.read(f"/notifications/{uuid4()}")
    assert (status, problem["reason"]) == (404, "notification-not-found")


async def test_other_services_see_nothing(system: System) -> None:
    assert (await system.read("/notifications", caller="orders"))[0] in {401, 403}
