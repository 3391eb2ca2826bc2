"""Expiry alone: it belongs to the trace in which the stock was reserved."""

from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.correlation import bind_correlation_id
from chassis.telemetry import SpanKind, span
from chassis.telemetry.names import REGISTRY as CHASSIS_NAMES
from chassis.telemetry.testing import capture, unknown_names
from inventory import handlers, jobs
from inventory.names import REGISTRY as OWN_NAMES
from inventory.seed import Demo, add

pytestmark = pytest.mark.usefixtures("database")


async def test_a_reservation_expires_in_the_trace_it_was_made_in() -> None:
    await add(Demo("CUP", "Cup", 500, stock=5))
    with capture() as captured:
        with bind_correlation_id("made-here"), span("POST /reservations", kind=SpanKind.SERVER, root=True):
            await handlers.reserve(order_id=uuid4(), lines=[("CUP", 1)], hold=timedelta(0))
        assert await jobs.expire_due(10) == 1
    by_name = {each.name: each for each in captured.spans}
    made, expired = by_name["POST /reservations"], by_name["reservation expire"]
    assert (expired.trace_id, expired.parent_span_id) == (made.trace_id, made.span_id)
    assert made.correlation_id == expired.correlation_id == "made-here"
    assert made.attributes["order.id"]
    assert unknown_names(captured, CHASSIS_NAMES, OWN_NAMES) == []


async def test_looking_for_nothing_leaves_no_trace() -> None:
    with capture() as captured:
        assert await jobs.expire_due(10) == 0
    assert captured.spans == []
