from datetime import UTC, datetime
from typing import Any

import pytest
from messaging_probe import HAPPENED, Seen, tell

from chassis.correlation import bind_correlation_id
from chassis.messaging import Event
from chassis.messaging.event import Envelope, decode, encode, envelope
from chassis.telemetry import span
from chassis.telemetry.names import REGISTRY
from chassis.telemetry.testing import capture, unknown_names
from testkit import wait_until


async def test_the_trace_of_the_work_goes_on_through_the_event(messaging_of: Any, seen: Seen) -> None:
    with capture() as captured:
        async with messaging_of(seen.consumer()):
            with bind_correlation_id("correlation-1"), span("work"):
                await tell("a")
            await wait_until(lambda: any(each.kind == "consumer" for each in captured.spans))
        by_name = {each.name: each for each in captured.spans}
        work, sent, processed = by_name["work"], by_name[f"send {HAPPENED}"], by_name[f"process {HAPPENED}"]
        assert (sent.kind, sent.parent_span_id) == ("producer", work.span_id)
        assert (processed.kind, processed.parent_span_id) == ("consumer", sent.span_id)
        assert {each.trace_id for each in (work, sent, processed)} == {work.trace_id}
        assert {each.correlation_id for each in captured.spans} == {"correlation-1"}
        assert processed.attributes["messaging.outcome"] == "done"
        assert "INSERT inbox" in by_name
        assert unknown_names(captured, REGISTRY) == ["span internal 'work'"]


async def test_each_try_is_a_span_that_says_why_it_failed(messaging_of: Any, seen: Seen) -> None:
    seen.failures = [ValueError("no"), ValueError("no")]
    with capture() as captured:
        async with messaging_of(seen.consumer()):
            await tell("a")
            await wait_until(lambda: seen.events)
        tries = [each for each in captured.spans if each.kind == "consumer"]
    assert [each.attributes["messaging.outcome"] for each in tries] == ["failed", "failed", "done"]
    assert [each.attributes["messaging.message.delivery_count"] for each in tries] == [1, 2, 3]
    assert [each.status for each in tries] == ["error", "error", "unset"]


@pytest.mark.parametrize("data", ['{"name":"a"}', "{}", '{"name":"\\u00e9\\n"}'])
def test_a_document_survives_its_way(data: str) -> None:
    sent = envelope("1", HAPPENED, service="probe", subject="s", time=datetime.now(UTC), data=data)
    received = decode(encode(sent))
    assert isinstance(received, Envelope)
    assert bytes(received.data) == data.encode()
    assert isinstance(received.open(dict), Event)
