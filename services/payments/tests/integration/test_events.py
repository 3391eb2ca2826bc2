"""What payments tells others, and what it does when an order is cancelled."""

import itertools
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import nats
import pytest_asyncio
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from conftest import System
from testkit.waiting import wait_until

CANCELLED = "orders.order.cancelled.v1"


@pytest_asyncio.fixture
async def jetstream(system: System) -> AsyncIterator[JetStreamContext]:
    """The broker, with the stream of orders."""
    connection = await nats.connect(system.nats_url)
    context = connection.jetstream()
    try:
        await context.stream_info("ORDERS")
    except NotFoundError:
        await context.add_stream(name="ORDERS", subjects=["orders.>"])
    yield context
    await connection.close()


async def cancel(jetstream: JetStreamContext, order_id: str, event_id: str | None = None) -> None:
    """Tell that an order was cancelled, as orders does."""
    event = {
        "specversion": "1.0",
        "id": event_id or str(uuid4()),
        "source": "urn:pharos:service:orders",
        "type": CANCELLED,
        "subject": order_id,
        "time": datetime.now(UTC).isoformat(),
        "correlationid": "cancel-test-1",
        "data": {"order_id": order_id, "customer_id": str(uuid4()), "reason": "cancelled-by-customer", "lines": []},
    }
    await jetstream.publish(CANCELLED, json.dumps(event).encode())


async def test_a_cancelled_order_lets_go_of_what_is_held(system: System, jetstream: JetStreamContext) -> None:
    payment = (await system.authorise()).body
    await cancel(jetstream, payment["order_id"])
    await system.until(payment["payment_id"], "voided")
    assert await system.ledger(payment["payment_id"]) == {}


async def test_a_cancelled_order_gets_back_what_is_left(system: System, jetstream: JetStreamContext) -> None:
    payment = await system.captured(1000)
    part = {"amount": {"amount_minor": 250, "currency": "EUR"}}
    await system.call("POST", f"/payments/{payment['payment_id']}/refund", json=part, key=str(uuid4()))
    await cancel(jetstream, payment["order_id"])
    refunded = await system.until(payment["payment_id"], "refunded")
    assert refunded["refunded"]["amount_minor"] == 1000
    assert await system.ledger(payment["payment_id"]) == {"merchant_settlement": -1000, "refunds": 1000}
    told_of = await system.rows(
        "SELECT correlation_id FROM outbox WHERE type = 'payments.payment.refunded.v1' AND subject = $1 "
        "ORDER BY position",
        payment["payment_id"],
    )
    assert told_of[-1]["correlation_id"] == "cancel-test-1"


async def test_a_cancellation_told_twice_has_one_effect(system: System, jetstream: JetStreamContext) -> None:
    payment, event_id = await system.captured(1000), str(uuid4())
    for each in (event_id, event_id, str(uuid4())):
        await cancel(jetstream, payment["order_id"], each)
    await system.until(payment["payment_id"], "refunded")
    assert (await system.ledger(payment["payment_id"]))["refunds"] == 1000


async def test_no_money_is_taken_for_an_order_cancelled_before(system: System, jetstream: JetStreamContext) -> None:
    order_id = str(uuid4())
    await cancel(jetstream, order_id)
    await wait_until(lambda: system.rows("SELECT 1 FROM order_account WHERE order_id = $1 AND cancelled", order_id))
    refused = await system.authorise(order_id=order_id)
    assert (refused.status, refused.reason) == (409, "order-cancelled")


async def test_a_void_that_the_bank_refuses_is_tried_again_with_growing_pauses(
    system: System, jetstream: JetStreamContext
) -> None:
    payment = (await system.authorise("tok_unvoidable")).body
    await cancel(jetstream, payment["order_id"])
    await system.until(payment["payment_id"], "voided")
    voids = await system.rows(
        "SELECT status, created_at FROM operation WHERE payment = $1 AND kind = 'void' ORDER BY created_at",
        payment["payment_id"],
    )
    assert [each["status"] for each in voids] == ["declined", "declined", "approved"]
    first, second = ((b["created_at"] - a["created_at"]).total_seconds() for a, b in itertools.pairwise(voids))
    assert first >= 1
    assert second >= 2
    assert await system.ledger(payment["payment_id"]) == {}


async def test_an_order_cancelled_while_the_provider_is_silent_ends_voided(
    system: System, jetstream: JetStreamContext
) -> None:
    silent = await system.authorise("tok_timeout")
    payment_id = silent.body["payment_id"]
    await cancel(jetstream, (await system.payment(payment_id))["order_id"])
    await system.until(payment_id, "voided")
    assert await system.ledger(payment_id) == {}


async def test_a_capture_refused_after_its_order_was_cancelled_leaves_nothing_held(
    system: System, jetstream: JetStreamContext
) -> None:
    payment = (await system.authorise("tok_uncapturable")).body
    payment_id, order_id = payment["payment_id"], payment["order_id"]
    async with system.provider_away():
        silent = await system.call("POST", f"/payments/{payment_id}/capture")
        assert (silent.status, silent.reason) == (504, "provider-silent")
        await cancel(jetstream, order_id)
        await wait_until(lambda: system.rows("SELECT 1 FROM payment WHERE payment_id = $1 AND cancelled", payment_id))
    await system.until(payment_id, "voided")
    operations = await system.rows("SELECT kind, status FROM operation WHERE payment = $1", payment_id)
    assert sorted((row["kind"], row["status"]) for row in operations) == [
        ("authorise", "approved"),
        ("capture", "declined"),
        ("void", "approved"),
    ]
    assert await system.ledger(payment_id) == {}
    (seen,) = [each for each in await system.audited() if each["payment_id"] == payment_id]
    assert (seen["status"], seen["under_way"], seen["held_minor"], seen["taken_minor"]) == ("voided", False, 0, 0)


async def test_captures_and_refunds_are_told(system: System, jetstream: JetStreamContext) -> None:
    payment = await system.captured(1200)
    part = {"amount": {"amount_minor": 500, "currency": "EUR"}}
    refund = f"/payments/{payment['payment_id']}/refund"
    await system.call("POST", refund, json=part, key=str(uuid4()), headers={"X-Correlation-ID": "refund-test-1"})
    captured = await told(jetstream, "payments.payment.captured.v1", payment["payment_id"])
    assert captured["data"]["amount"] == {"amount_minor": 1200, "currency": "EUR"}
    assert captured["data"]["order_id"] == payment["order_id"]
    refunded = await told(jetstream, "payments.payment.refunded.v1", payment["payment_id"])
    assert refunded["data"]["amount"] == refunded["data"]["refunded"] == {"amount_minor": 500, "currency": "EUR"}
    assert refunded["correlationid"] == "refund-test-1"
    assert refunded["traceparent"]


async def told(jetstream: JetStreamContext, event_type: str, subject: str) -> dict[str, Any]:
    """The event of this type about this payment."""
    subscription = await jetstream.subscribe(event_type, ordered_consumer=True)
    while True:
        event: dict[str, Any] = json.loads((await subscription.next_msg(timeout=5)).data)
        if event["subject"] == subject:
            return event
