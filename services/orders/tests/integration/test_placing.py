"""Placing an order, over HTTP."""

from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from standins import REFUSE

from conftest import System


async def test_an_approved_order_is_confirmed_in_the_answer(system: System) -> None:
    client = system.client()
    status, order, headers = await client.place()
    assert status == 201
    assert order["status"] == "confirmed"
    assert order["reason"] is None
    assert order["total"] == {"amount_minor": 2500, "currency": "EUR"}
    assert order["lines"][0]["unit_price"] == {"amount_minor": 1250, "currency": "EUR"}
    assert order["correlation_id"] == headers["X-Correlation-ID"]
    assert system.world.books(order["order_id"]) == ("sold", "captured")


@pytest.mark.parametrize(
    ("operation", "status", "reason", "expected"),
    [
        ("get_customer", 404, "customer-unknown", "customer-unknown"),
        ("reserve_stock", 409, "insufficient-stock", "insufficient-stock"),
        ("reserve_stock", 422, "unknown-sku", "unknown-sku"),
        ("commit_reservation", 409, "reservation-expired", "reservation-expired"),
        ("capture_payment", 409, "payment-conflict", "payment-refused"),
        ("capture_payment", 409, "provider-refused", "payment-refused"),
        ("authorise_payment", 422, "invalid", "payment-refused"),
        ("reserve_stock", 400, "bad-request", "step-failed"),
    ],
)
async def test_a_refused_step_cancels_with_its_reason(
    system: System, operation: str, status: int, reason: str, expected: str
) -> None:
    system.world.fail(operation, REFUSE, status, reason, times=1 if status < 500 else 9)
    answered, order, _ = await system.client().place()
    assert (answered, order["status"], order["reason"]) == (201, "cancelled", expected)
    stock, payment = system.world.books(order["order_id"])
    assert stock in {"none", "released", "returned"}
    assert payment in {"none", "voided"}


async def test_a_declined_card_cancels_the_order_and_releases_its_stock(system: System) -> None:
    status, order, _ = await system.client().place("tok_decline")
    assert (status, order["status"], order["reason"]) == (201, "cancelled", "card-declined")
    assert system.world.books(order["order_id"]) == ("released", "declined")


async def test_the_same_key_gives_the_same_answer_and_one_order(system: System) -> None:
    client, key = system.client(), str(uuid4())
    first = await client.place(key=key)
    second = await client.place(key=key)
    assert (first[0], first[1]) == (second[0], second[1])
    assert second[2]["Idempotency-Replayed"] == "true"
    assert len((await client.call("GET", "/orders"))[1]["items"]) == 1


async def test_the_same_key_with_another_order_is_refused(system: System) -> None:
    client, key = system.client(), str(uuid4())
    await client.place(key=key)
    status, problem, _ = await client.place("tok_decline", key=key)
    assert (status, problem["reason"]) == (422, "idempotency-key-reused")


async def test_an_order_without_a_key_is_refused(system: System) -> None:
    order = {"lines": [{"sku": "MUG-BLUE", "quantity": 1}], "card_token": "tok_approve"}
    status, problem, _ = await system.client().call("POST", "/orders", json=order)
    assert (status, problem["reason"]) == (400, "idempotency-key-missing")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"sku": "MUG-BLUE", "quantity": 0}]}, "lines[0].quantity"),
        ({"lines": [{"sku": "mug blue", "quantity": 1}]}, "lines[0].sku"),
        ({"lines": [{"sku": "MUG-BLUE\n", "quantity": 1}]}, "lines[0].sku"),
        ({"lines": [{"sku": "A", "quantity": 1}, {"sku": "A", "quantity": 2}]}, "lines[1].sku"),
        ({"card_token": "tok approve"}, "card_token"),
        ({"card_token": ""}, "card_token"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_a_wrong_field_is_named(system: System, change: dict[str, Any], field: str) -> None:
    status, problem, _ = await system.client().place(**change)
    assert status == 422
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize(
    "change",
    [
        {"card_token": "4111 1111 1111 1111"},
        {"card_token": "4111111111111112"},
        {"lines": [{"sku": "4111111111111111", "quantity": 1}]},
    ],
)
async def test_a_card_number_is_not_accepted_and_not_repeated(system: System, change: dict[str, Any]) -> None:
    status, problem, _ = await system.client().place(**change)
    assert (status, problem["reason"]) == (422, "card-number-not-accepted")
    for text in (str(problem), system.server.log.read_text()):
        assert "41111111" not in text.replace(" ", "")


async def test_the_card_token_is_erased_and_never_logged(system: System, saga_rows: Any) -> None:
    _, order, _ = await system.client().place("tok_marker_73")
    assert [row["card_token"] for row in await saga_rows(order["order_id"])] == [None]
    assert "tok_marker_73" not in system.server.log.read_text()


async def test_malformed_json_is_a_bad_request(system: System) -> None:
    client = system.client()
    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
    status, problem, _ = await client.call("POST", "/orders", data=b'{"lines": [', headers=headers)
    assert (status, problem["reason"]) == (400, "malformed-json")


async def test_neighbours_get_identity_trace_and_correlation(system: System) -> None:
    correlation = f"c-{uuid4().hex}"
    _, order, headers = await system.client().place(headers={"X-Correlation-ID": correlation})
    calls = [call for call in system.world.calls if call.order_id == order["order_id"]]
    assert [call.operation for call in calls] == [
        "reserve_stock", "authorise_payment", "commit_reservation", "capture_payment",
    ]  # fmt: skip
    for call in calls:
        assert call.headers["X-Correlation-ID"] == correlation
        assert call.headers["traceparent"].split("-")[1] == headers["X-Trace-ID"]
        assert call.headers["X-Service-Token"]
        assert call.headers["Idempotency-Key"] == f"{order['order_id']}.{call.operation}"


async def test_a_caller_without_a_token_is_turned_away(system: System) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{system.server.url}/orders") as answer:
        assert answer.status == 401
