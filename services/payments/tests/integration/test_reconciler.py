"""The reconciler alone: traces, pauses and replicas that look at the same time."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.correlation import bind_correlation_id
from chassis.persistence import transaction
from chassis.telemetry import SpanKind, span
from chassis.telemetry.names import REGISTRY as CHASSIS_NAMES
from chassis.telemetry.testing import capture, unknown_names
from payments import books, domain
from payments.domain import Kind
from payments.names import REGISTRY as OWN_NAMES
from payments.reconciler import Reconciler
from payments.sandbox import Sandbox
from payments.settlement import Settlement
from payments.tables import Journal, Operation, Payment, SandboxOperation

pytestmark = pytest.mark.usefixtures("database")

PAST = datetime(2026, 1, 1, tzinfo=UTC)


def reconciler(timeout: float = 0.2) -> Reconciler:
    return Reconciler(Settlement(Sandbox(), timeout=timeout), poll=1, batch=10, longest=60)


async def begun(card: str = "tok_approve") -> str:
    """A payment whose authorisation was written down and never carried out; the operation's key."""
    payment_id = uuid4()
    async with transaction():
        await Payment.insert(
            Payment(
                payment_id=payment_id,
                order_id=uuid4(),
                card_token=card,
                status="pending",
                amount_minor=100,
                currency="EUR",
                created_at=PAST,
                updated_at=PAST,
            )
        )
        payment = await books.payment(payment_id)
        assert payment
        operation = await books.begin(payment, domain.Operation(Kind.AUTHORISE, 100), due=PAST, now=PAST)
        assert operation
        return operation.key


async def test_an_operation_is_taken_up_in_the_trace_it_was_begun_in() -> None:
    with capture() as captured:
        with bind_correlation_id("begun-here"), span("POST /payments", kind=SpanKind.SERVER, root=True):
            await begun()
        assert await reconciler().reconcile() == 1
    by_name = {each.name: each for each in captured.spans}
    began, taken_up, told = (by_name[name] for name in ("POST /payments", "payment reconcile", "provider authorise"))
    assert (taken_up.trace_id, taken_up.parent_span_id) == (began.trace_id, began.span_id)
    assert (told.trace_id, told.kind, told.parent_span_id) == (began.trace_id, "client", taken_up.span_id)
    assert {each.correlation_id for each in (began, taken_up, told)} == {"begun-here"}
    assert unknown_names(captured, CHASSIS_NAMES, OWN_NAMES) == []


async def test_looking_for_nothing_leaves_no_trace() -> None:
    with capture() as captured:
        assert await reconciler().reconcile() == 0
    assert captured.spans == []


async def test_replicas_that_look_at_the_same_time_ask_once() -> None:
    key = await begun()
    await asyncio.gather(*(reconciler().reconcile() for _ in range(4)))
    (asked,) = await SandboxOperation.objects()
    assert (asked.provider_key, asked.requests) == (key, 1)
    assert await Journal.count() == 1


async def test_a_provider_that_stays_silent_is_asked_again_with_growing_pauses() -> None:
    await begun("tok_timeout")
    began = datetime.now(UTC)
    assert await reconciler(timeout=0.05).reconcile() == 1
    assert await reconciler(timeout=0.05).reconcile() == 0
    (operation,) = await Operation.objects()
    assert (operation.status, operation.attempts) == ("pending", 1)
    assert operation.next_attempt_at - began >= timedelta(seconds=0.9)
