"""Payments over HTTP: authorise, capture, void, refund."""

import asyncio
from uuid import uuid4

import pytest

from conftest import System


async def test_an_approved_card_is_held_then_captured(system: System) -> None:
    answer = await system.authorise(minor=2500)
    assert answer.status == 201
    payment = answer.body
    assert payment["status"] == "authorised"
    assert payment["amount"] == {"amount_minor": 2500, "currency": "EUR"}
    assert payment["decline_reason"] is None
    captured = await system.call("POST", f"/payments/{payment['payment_id']}/capture")
    assert (captured.status, captured.body["status"]) == (200, "captured")
    assert await system.ledger(payment["payment_id"]) == {"customer_receivable": 2500, "merchant_settlement": -2500}


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("tok_decline", "card-declined"),
        ("tok_insufficient_funds", "insufficient-funds"),
        ("tok_never_heard_of", "unknown-token"),
    ],
)
async def test_a_declined_card_is_an_answer_and_moves_no_money(system: System, card: str, reason: str) -> None:
    answer = await system.authorise(card)
    assert (answer.status, answer.body["status"], answer.body["decline_reason"]) == (201, "declined", reason)
    assert await system.ledger(answer.body["payment_id"]) == {}
    voided = await system.call("POST", f"/payments/{answer.body['payment_id']}/void")
    assert (voided.status, voided.body["status"]) == (200, "declined")


async def test_capturing_voiding_and_refunding_again_change_nothing(system: System) -> None:
    held = (await system.authorise()).body["payment_id"]
    for _ in range(3):
        assert (await system.call("POST", f"/payments/{held}/void")).body["status"] == "voided"
    assert await system.ledger(held) == {}
    taken = (await system.captured(700))["payment_id"]
    assert (await system.call("POST", f"/payments/{taken}/capture")).body["status"] == "captured"
    for _ in range(2):
        refunded = await system.call("POST", f"/payments/{taken}/refund", key=str(uuid4()))
        assert (refunded.status, refunded.body["status"]) == (200, "refunded")
        assert refunded.body["refunded"]["amount_minor"] == 700
    assert await system.ledger(taken) == {"merchant_settlement": -700, "refunds": 700}


async def test_parts_are_refunded_up_to_what_was_captured(system: System) -> None:
    payment_id = (await system.captured(1000))["payment_id"]
    refund = f"/payments/{payment_id}/refund"
    part = {"amount": {"amount_minor": 400, "currency": "EUR"}}
    first = await system.call("POST", refund, json=part, key="part-1")
    again = await system.call("POST", refund, json=part, key="part-1")
    assert first.body["refunded"]["amount_minor"] == again.body["refunded"]["amount_minor"] == 400
    assert (first.body["status"], again.headers["Idempotency-Replayed"]) == ("captured", "true")
    too_much = await system.call(
        "POST", refund, json={"amount": {"amount_minor": 601, "currency": "EUR"}}, key="part-2"
    )
    assert (too_much.status, too_much.reason) == (422, "refund-too-large")
    assert "600" in too_much.body["errors"][0]["message"]
    foreign = await system.call("POST", refund, json={"amount": {"amount_minor": 1, "currency": "USD"}}, key="part-3")
    assert (foreign.status, foreign.reason) == (422, "currency-differs")
    rest = await system.call("POST", refund, key="part-4")
    assert (rest.body["status"], rest.body["refunded"]["amount_minor"]) == ("refunded", 1000)


async def test_refunds_at_the_same_time_never_exceed_what_was_captured(system: System) -> None:
    payment_id = (await system.captured(1000))["payment_id"]
    part = {"amount": {"amount_minor": 300, "currency": "EUR"}}
    answers = await asyncio.gather(
        *(system.call("POST", f"/payments/{payment_id}/refund", json=part, key=str(uuid4())) for _ in range(6))
    )
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 422, 422, 422]
    assert (await system.payment(payment_id))["refunded"]["amount_minor"] == 900
    assert (await system.ledger(payment_id))["refunds"] == 900


async def test_captures_at_the_same_time_take_once(system: System) -> None:
    payment_id = (await system.authorise()).body["payment_id"]
    answers = await asyncio.gather(*(system.call("POST", f"/payments/{payment_id}/capture") for _ in range(6)))
    assert {(answer.status, answer.body["status"]) for answer in answers} == {(200, "captured")}
    assert (await system.ledger(payment_id))["merchant_settlement"] == -2500


async def test_capture_and_void_at_the_same_time_agree(system: System) -> None:
    """One of them wins, and the books show which."""
    payment_id = (await system.authorise()).body["payment_id"]
    capture, void = await asyncio.gather(
        system.call("POST", f"/payments/{payment_id}/capture"), system.call("POST", f"/payments/{payment_id}/void")
    )
    status = (await system.payment(payment_id))["status"]
    assert sorted([capture.status, void.status]) == [200, 409]
    assert status == ("captured" if capture.status == 200 else "voided")


async def test_what_the_status_does_not_allow_is_refused(system: System) -> None:
    held = (await system.authorise()).body["payment_id"]
    refused = await system.call("POST", f"/payments/{held}/refund", key=str(uuid4()))
    assert (refused.status, refused.reason, refused.body["status_of_payment"]) == (409, "payment-status", "authorised")
    taken = (await system.captured())["payment_id"]
    refused = await system.call("POST", f"/payments/{taken}/void")
    assert (refused.status, refused.body["status_of_payment"]) == (409, "captured")


async def test_an_order_is_charged_once_whatever_the_key(system: System) -> None:
    order_id = str(uuid4())
    answers = await asyncio.gather(*(system.authorise(order_id=order_id) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]
    assert {answer.reason for answer in answers if answer.status == 409} == {"order-already-paid"}


async def test_a_declined_order_may_try_another_card(system: System) -> None:
    order_id = str(uuid4())
    assert (await system.authorise("tok_decline", order_id=order_id)).body["status"] == "declined"
    assert (await system.authorise("tok_approve", order_id=order_id)).body["status"] == "authorised"


async def test_the_key_is_required_and_stands_for_one_request(system: System) -> None:
    order_id, key = str(uuid4()), str(uuid4())
    first = await system.authorise(order_id=order_id, key=key)
    again = await system.authorise(order_id=order_id, key=key)
    assert first.body == again.body
    other = await system.authorise(order_id=order_id, key=key, minor=1)
    assert (other.status, other.reason) == (422, "idempotency-key-reused")
    body = {"order_id": order_id, "amount": {"amount_minor": 1, "currency": "EUR"}, "card_token": "tok_approve"}
    missing = await system.call("POST", "/payments", json=body)
    assert (missing.status, missing.reason) == (400, "idempotency-key-missing")


@pytest.mark.parametrize("number", ["4111111111111111", "4111 1111 1111 1111", "tok_5500-0000-0000-0004"])
async def test_a_card_number_is_refused_and_kept_nowhere(system: System, number: str) -> None:
    answer = await system.authorise(number)
    assert (answer.status, answer.reason) == (422, "card-number-not-accepted")
    assert answer.body["errors"][0]["field"] == "card_token"
    assert number not in str(answer.body)
    assert number not in system.server.log.read_text()
    kept = await system.rows("SELECT convert_from(body, 'UTF8') AS body FROM idempotency_key WHERE body IS NOT NULL")
    assert not any(number in row["body"] for row in kept)
    assert await system.rows("SELECT 1 FROM payment WHERE card_token = $1", number) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": {"amount_minor": 0, "currency": "EUR"}}, "amount.amount_minor"),
        ({"amount": {"amount_minor": 5, "currency": "euro"}}, "amount.currency"),
        ({"order_id": "one"}, "order_id"),
        ({"card_token": "visa"}, "card_token"),
        ({"card_token": 4111111111111111}, "card_token"),
        ({"card_number": "x"}, "card_number"),
    ],
)
async def test_bad_input_names_its_field(system: System, change: dict[str, object], field: str) -> None:
    body = {
        "order_id": str(uuid4()),
        "amount": {"amount_minor": 1, "currency": "EUR"},
        "card_token": "tok_approve",
    } | change
    answer = await system.call("POST", "/payments", json=body, key=str(uuid4()))
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert "41111111" not in str(answer.body)


async def test_only_named_callers_may_call(system: System) -> None:
    payment_id = (await system.authorise()).body["payment_id"]
    assert (await system.call("GET", f"/payments/{payment_id}", caller=None)).status == 401
    assert (await system.call("GET", f"/payments/{payment_id}", caller="stranger")).status == 401
    assert (await system.call("POST", f"/payments/{payment_id}/void", caller="operator")).status == 403
    assert (await system.call("GET", "/audit/ledger", caller="orders")).status == 403
    assert (await system.call("GET", f"/payments/{uuid4()}")).reason == "payment-unknown"


@pytest.mark.parametrize("card", ["tok_approve", "tok_decline", "tok_nobody_knows_0f3a", "tok_timeout"])
async def test_a_card_token_is_erased_once_the_provider_has_answered(system: System, card: str) -> None:
    """And all that follows goes by the provider's reference of the authorisation."""
    payment_id = (await system.authorise(card)).body["payment_id"]
    approved = card in {"tok_approve", "tok_timeout"}
    await system.until(payment_id, "authorised" if approved else "declined")
    [kept] = await system.rows("SELECT card_token FROM payment WHERE payment_id = $1", payment_id)
    assert kept == {"card_token": ""}
    if card == "tok_nobody_knows_0f3a":
        assert await system.rows("SELECT 1 FROM sandbox_operation WHERE card_token = $1", card) == []
    if approved:
        await system.call("POST", f"/payments/{payment_id}/capture")
        refunded = await system.call("POST", f"/payments/{payment_id}/refund", key=str(uuid4()))
        assert refunded.body["status"] == "refunded"
        rows = await system.rows(
            "SELECT asked.authorisation, held.reference FROM sandbox_operation AS asked "
            "JOIN operation AS own ON own.provider_key = asked.provider_key "
            "JOIN operation AS held ON held.payment = own.payment AND held.kind = 'authorise' "
            "WHERE own.payment = $1 AND own.kind <> 'authorise'",
            payment_id,
        )
        assert len(rows) == 2
        assert all(row["authorisation"] == row["reference"] for row in rows)
