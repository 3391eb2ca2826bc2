"""Reservations over HTTP: held, sold, released, returned, expired."""

import asyncio
from uuid import uuid4

import pytest

from conftest import System
from testkit.waiting import wait_until


async def test_reserving_holds_stock_at_todays_prices(system: System) -> None:
    before = await system.books("LANTERN-STORM")
    answer = await system.reserve(("LANTERN-STORM", 2), ("BELL-BRASS", 1))
    assert answer.status == 201
    reservation = answer.body
    assert reservation["status"] == "held"
    assert [line["sku"] for line in reservation["lines"]] == ["BELL-BRASS", "LANTERN-STORM"]
    assert reservation["total"] == {"amount_minor": 2 * 3290 + 3450, "currency": "EUR"}
    after = await system.books("LANTERN-STORM")
    assert (after["available"], after["reserved"]) == (before["available"] - 2, before["reserved"] + 2)


async def test_an_order_asking_again_gets_the_same_reservation(system: System) -> None:
    order_id = str(uuid4())
    answers = await asyncio.gather(*(system.reserve(("MUG-WHITE", 3), order_id=order_id) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 200, 201]
    assert len({answer.body["reservation_id"] for answer in answers}) == 1
    held = await system.rows(
        "SELECT 1 FROM stock_movement WHERE reservation_id = $1", answers[0].body["reservation_id"]
    )
    assert len(held) == 1


async def test_an_order_has_one_reservation(system: System) -> None:
    order_id = str(uuid4())
    await system.reserve(("MUG-WHITE", 3), order_id=order_id)
    other = await system.reserve(("MUG-WHITE", 4), order_id=order_id)
    assert (other.status, other.reason) == (409, "reservation-differs")


async def test_lines_of_one_product_are_added_up(system: System) -> None:
    reservation = (await system.reserve(("MUG-BLUE", 1), ("MUG-BLUE", 2))).body
    assert [(line["sku"], line["quantity"]) for line in reservation["lines"]] == [("MUG-BLUE", 3)]


async def test_selling_and_bringing_back_happen_once(system: System) -> None:
    before = await system.books("ROPE-10M")
    reservation_id = (await system.reserve(("ROPE-10M", 4))).body["reservation_id"]
    for _ in range(2):
        sold = await system.call("POST", f"/reservations/{reservation_id}/commit")
        assert (sold.status, sold.body["status"]) == (200, "sold")
    assert (await system.books("ROPE-10M"))["sold"] == before["sold"] + 4
    for _ in range(2):
        returned = await system.call("POST", f"/reservations/{reservation_id}/release")
        assert (returned.status, returned.body["status"]) == (200, "returned")
    after = await system.books("ROPE-10M")
    assert (after["available"], after["returned"]) == (before["available"], before["returned"] + 4)
    refused = await system.call("POST", f"/reservations/{reservation_id}/commit")
    assert (refused.status, refused.reason) == (409, "reservation-ended")


async def test_releasing_what_is_held_makes_it_available(system: System) -> None:
    before = await system.books("SCARF-WOOL")
    reservation_id = (await system.reserve(("SCARF-WOOL", 4))).body["reservation_id"]
    released = await system.call("POST", f"/reservations/{reservation_id}/release")
    assert released.body["status"] == "released"
    assert await system.books("SCARF-WOOL") == before


async def test_what_is_held_too_long_is_given_back(system: System) -> None:
    before = await system.books("TIDE-CLOCK")
    answer = await system.reserve(("TIDE-CLOCK", 5), headers={"X-Correlation-ID": "expiry-test-1"})
    reservation = answer.body
    await system.rows("UPDATE reservation SET expires_at = now() WHERE order_id = $1", reservation["order_id"])

    async def expired() -> bool:
        shown = await system.call("GET", f"/reservations/{reservation['reservation_id']}", caller="operator")
        return bool(shown.body["status"] == "expired")

    await wait_until(expired, what="expiry")
    assert await system.books("TIDE-CLOCK") == before
    late = await system.call("POST", f"/reservations/{reservation['reservation_id']}/commit")
    assert (late.status, late.reason) == (409, "reservation-expired")
    told = await system.rows(
        "SELECT data, correlation_id, traceparent FROM outbox "
        "WHERE type = 'inventory.reservation.expired.v1' AND subject = $1",
        reservation["reservation_id"],
    )
    assert len(told) == 1
    assert reservation["order_id"] in told[0]["data"]
    assert told[0]["correlation_id"] == "expiry-test-1"
    assert answer.headers["X-Trace-ID"] in told[0]["traceparent"]


async def test_too_little_stock_holds_nothing_at_all(system: System) -> None:
    before = await system.books("MUG-BLUE")
    answer = await system.reserve(("MUG-BLUE", 2), ("SOLD-OUT-SEXTANT", 1))
    assert (answer.status, answer.reason) == (409, "insufficient-stock")
    assert (answer.body["sku"], answer.body["requested"]) == ("SOLD-OUT-SEXTANT", 1)
    assert await system.books("MUG-BLUE") == before


async def test_an_unknown_product_is_named_by_its_line(system: System) -> None:
    answer = await system.reserve(("MUG-BLUE", 1), ("NO-SUCH", 1))
    assert (answer.status, answer.reason) == (422, "unknown-sku")
    assert [error["field"] for error in answer.body["errors"]] == ["lines[1].sku"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"order_id": str(uuid4()), "lines": []}, "lines"),
        ({"order_id": "one", "lines": [{"sku": "MUG-BLUE", "quantity": 1}]}, "order_id"),
        ({"order_id": str(uuid4()), "lines": [{"sku": "MUG-BLUE", "quantity": 0}]}, "lines[0].quantity"),
        ({"order_id": str(uuid4()), "lines": [{"sku": "mug blue", "quantity": 1}]}, "lines[0].sku"),
        ({"order_id": str(uuid4())}, "lines"),
    ],
)
async def test_bad_input_names_its_field(system: System, body: dict[str, object], field: str) -> None:
    answer = await system.call("POST", "/reservations", json=body)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_restocking_happens_once_per_key(system: System) -> None:
    before = await system.books("FOGHORN-HAND")
    body, key = {"sku": "FOGHORN-HAND", "quantity": 10}, str(uuid4())
    for _ in range(2):
        answer = await system.call("POST", "/restocks", json=body, key=key, caller="operator")
        assert (answer.status, answer.body["available"]) == (201, before["available"] + 10)
    assert (await system.books("FOGHORN-HAND"))["received"] == before["received"] + 10
    missing = await system.call("POST", "/restocks", json=body, caller="operator")
    assert (missing.status, missing.reason) == (400, "idempotency-key-missing")
    unknown = await system.call("POST", "/restocks", json=body | {"sku": "NO-SUCH"}, key="x", caller="operator")
    assert (unknown.status, unknown.reason) == (422, "unknown-sku")


async def test_a_restock_whose_answer_was_lost_in_a_crash_is_not_made_again(system: System) -> None:
    before = await system.books("FOGHORN-HAND")
    body, key = {"sku": "FOGHORN-HAND", "quantity": 10}, str(uuid4())
    first = await system.call("POST", "/restocks", json=body, key=key, caller="operator")
    await system.rows("UPDATE idempotency_key SET status = NULL, lease_until = '-infinity' WHERE key = $1", key)

    again = await system.call("POST", "/restocks", json=body, key=key, caller="operator")

    assert (again.status, again.body) == (first.status, first.body)
    assert (await system.books("FOGHORN-HAND"))["received"] == before["received"] + 10


async def test_only_named_callers_may_call(system: System) -> None:
    assert (await system.reserve(caller=None)).status == 401
    assert (await system.reserve(caller="operator")).status == 403
    assert (await system.call("GET", "/audit/stock")).status == 403
    assert (await system.call("GET", f"/reservations/{uuid4()}", caller="operator")).reason == "reservation-unknown"
