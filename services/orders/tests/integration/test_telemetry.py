"""What an order leaves in traces."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest_asyncio
from litestar.testing import AsyncTestClient
from standins import REFUSE

from chassis.telemetry.names import REGISTRY as CHASSIS_NAMES
from chassis.telemetry.testing import Captured, capture, unknown_names
from conftest import System
from orders.app import create_app
from orders.names import REGISTRY as ORDERS_NAMES
from orders.settings import Settings
from testkit.waiting import wait_until

STEPS = ["verify_customer", "reserve_stock", "authorise_payment", "commit_reservation", "capture_payment"]


@pytest_asyncio.fixture
async def inside(system: System) -> AsyncIterator[tuple[AsyncTestClient, Captured]]:  # type: ignore[type-arg]
    """orders in this process, beside the other replica, and what it emits."""
    settings = Settings.from_environ(system.environment("orders-9"))
    with capture() as captured:
        async with AsyncTestClient(create_app(replace(settings, poll=0.05))) as client:
            yield client, captured


async def _place(system: System, client: AsyncTestClient, card: str = "tok_approve") -> dict[str, str]:  # type: ignore[type-arg]
    customer = system.client()
    order = {"lines": [{"sku": "MUG-BLUE", "quantity": 1}], "card_token": card}
    answer = await client.post(
        "/orders",
        json=order,
        headers=customer.headers | {"Idempotency-Key": str(uuid4()), "X-Correlation-ID": "c" * 12},
    )
    assert answer.status_code in {201, 202}
    return answer.json() | {"trace_id": answer.headers["X-Trace-ID"]}  # type: ignore[no-any-return]


async def test_each_step_is_a_span_below_the_request(
    system: System,
    inside: tuple[AsyncTestClient, Captured],  # type: ignore[type-arg]
) -> None:
    client, captured = inside
    order = await _place(system, client)
    (server,) = [span for span in captured.of_trace(order["trace_id"]) if span.kind == "server"]
    steps = [span for span in captured.of_trace(order["trace_id"]) if span.name.startswith("saga.step ")]
    assert [step.name for step in steps] == [f"saga.step {step}" for step in STEPS]
    assert {step.parent_span_id for step in steps} == {server.span_id}
    assert {step.attributes["order.id"] for step in steps} == {order["order_id"]} == {server.attributes["order.id"]}
    assert {step.correlation_id for step in steps} == {"c" * 12}
    assert steps[-1].attributes["order.status"] == "confirmed"
    called = [
        span
        for span in captured.of_trace(order["trace_id"])
        if span.kind == "client" and "url.template" in span.attributes
    ]
    assert {span.parent_span_id for span in called} == {step.span_id for step in steps}


async def test_a_step_is_written_down_in_one_statement(
    system: System,
    inside: tuple[AsyncTestClient, Captured],  # type: ignore[type-arg]
) -> None:
    client, captured = inside
    order = await _place(system, client)

    def ended() -> bool:
        return any(span.attributes.get("order.status") for span in captured.of_trace(order["trace_id"]))

    await wait_until(ended, timeout=20, what="the end of the saga")
    spans = captured.of_trace(order["trace_id"])
    tries = {span.span_id: span.name for span in spans if "saga.step" in span.attributes}
    written = Counter(span.parent_span_id for span in spans if "db.query.text" in span.attributes)
    last = f"saga.step {STEPS[-1]}"
    assert {written[span_id] for span_id, name in tries.items() if name != last} == {1}
    assert max(written[span_id] for span_id, name in tries.items() if name == last) <= len(
        ["BEGIN", "the move", "the event", "COMMIT"]
    )


async def test_a_resumed_saga_stays_in_its_trace_under_its_correlation_id(
    system: System,
    inside: tuple[AsyncTestClient, Captured],  # type: ignore[type-arg]
) -> None:
    client, captured = inside
    system.world.fail("reserve_stock", REFUSE, times=9)
    order = await _place(system, client)

    def confirmed() -> bool:
        return any(span.attributes.get("order.status") for span in captured.of_trace(order["trace_id"]))

    await wait_until(lambda: confirmed() or order["status"] == "confirmed", timeout=20)
    steps = [span for span in captured.of_trace(order["trace_id"]) if span.name.startswith("saga.step ")]
    assert len(steps) > len(STEPS)
    assert {step.correlation_id for step in steps} == {"c" * 12}


async def test_every_name_is_in_the_registry_and_no_card_token_is_told(
    system: System,
    inside: tuple[AsyncTestClient, Captured],  # type: ignore[type-arg]
) -> None:
    client, captured = inside
    await _place(system, client, "tok_marker_41")
    await _place(system, client, "tok_decline")
    assert unknown_names(captured, CHASSIS_NAMES, ORDERS_NAMES) == []
    assert "tok_marker_41" not in repr(captured)
