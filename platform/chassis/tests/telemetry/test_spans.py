import asyncio

import pytest
from opentelemetry import trace
from opentelemetry.trace import INVALID_SPAN_CONTEXT, Link, Status, StatusCode

from chassis.correlation import bind_correlation_id, correlation_id, is_valid
from chassis.telemetry import SpanKind, annotate, current_traceparent, span, tracer, untraced
from chassis.telemetry.span import MAX_ITEMS, Span
from chassis.telemetry.testing import Captured

REMOTE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_block_is_a_child_of_the_one_around_it(captured: Captured) -> None:
    with span("outer"), span("inner"):
        pass
    inner, outer = captured.spans
    assert inner.parent_span_id == outer.span_id
    assert inner.trace_id == outer.trace_id
    assert outer.parent_span_id is None
    assert outer.start_unix_nano <= inner.start_unix_nano <= inner.end_unix_nano <= outer.end_unix_nano


def test_code_that_uses_the_opentelemetry_api_joins_the_trace(captured: Captured) -> None:
    foreign = trace.get_tracer("some.library", "1.0")
    with span("ours"), foreign.start_as_current_span("theirs", attributes={"a": 1}) as theirs, span("ours again"):
        assert trace.get_current_span() is not theirs
    again, library, ours = captured.spans
    assert (library.parent_span_id, again.parent_span_id) == (ours.span_id, library.span_id)
    assert library.scope == "some.library"
    assert library.attributes["a"] == 1


def test_a_decorated_function_of_a_library_is_traced(captured: Captured) -> None:
    @trace.get_tracer("some.library").start_as_current_span("decorated")
    def work() -> int:
        return 5

    assert work() == 5
    assert captured.named("decorated")


def test_another_process_is_continued(captured: Captured) -> None:
    with span("received", kind=SpanKind.CONSUMER, parent=REMOTE):
        pass
    assert captured.spans[0].trace_id == REMOTE[3:35]
    assert captured.spans[0].parent_span_id == REMOTE[36:52]


def test_an_invalid_position_begins_a_new_trace(captured: Captured) -> None:
    with span("outer"), span("received", parent="not a position"):
        pass
    received, outer = captured.spans
    assert received.parent_span_id is None
    assert received.trace_id != outer.trace_id


def test_links_and_roots_leave_the_current_trace(captured: Captured) -> None:
    with span("outer") as outer, span("later", root=True, links=[REMOTE, "nonsense"]):
        pass
    later = captured.spans[0]
    assert isinstance(outer, Span)
    assert later.trace_id != outer.trace_id
    assert later.links == ((REMOTE[3:35], REMOTE[36:52]),)


def test_every_span_carries_the_correlation_id(captured: Captured) -> None:
    with bind_correlation_id("correlated-1"), span("one"), trace.get_tracer("lib").start_as_current_span("two"):
        pass
    assert [found.correlation_id for found in captured.spans] == ["correlated-1"] * 2


def test_work_without_a_correlation_id_gets_one_for_its_length(captured: Captured) -> None:
    with span("job"), span("step"):
        inside = correlation_id()
    assert is_valid(inside)
    assert correlation_id() == ""
    assert [found.correlation_id for found in captured.spans] == [inside, inside]


def test_what_leaves_a_block_is_recorded_and_fails_the_span(captured: Captured) -> None:
    with pytest.raises(ValueError, match="no way"), span("failing"):
        raise ValueError("no way, token=abc")
    failed = captured.spans[0]
    assert failed.status == "error"
    assert failed.status_message == "ValueError: no way, token=[redacted]"
    (event,) = failed.events
    assert event.name == "exception"
    assert event.attributes["exception.type"] == "ValueError"
    assert event.attributes["exception.message"] == "no way, token=[redacted]"
    assert "test_spans.py" in event.attributes["exception.stacktrace"]
    assert "abc" not in event.attributes["exception.stacktrace"]


async def test_cancellation_fails_the_span_without_a_stack(captured: Captured) -> None:
    async def work() -> None:
        with span("cancelled"):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert captured.spans[0].status == "error"
    assert captured.spans[0].events == ()


def test_annotations_go_to_the_entry_span(captured: Captured) -> None:
    with span("message", kind=SpanKind.CONSUMER), span("step"):
        annotate({"order.id": "o-1"})
    annotate({"nobody": "there"})
    step, message = captured.spans
    assert message.attributes["order.id"] == "o-1"
    assert "order.id" not in step.attributes


def test_nothing_is_made_inside_of_untraced_work(captured: Captured) -> None:
    with untraced(), span("polling") as polling, trace.get_tracer("lib").start_as_current_span("query"):
        assert not polling.is_recording()
        assert current_traceparent() is None
        polling.set_attribute("ignored", True)
    with untraced(), span("received", parent=REMOTE):
        pass
    assert [found.name for found in captured.spans] == ["received"]


def test_a_span_ends_once_and_does_not_change_afterwards(captured: Captured) -> None:
    made = tracer.start("once")
    made.end()
    made.set_attribute("late", 1)
    made.add_event("late")
    made.update_name("late")
    made.set_status(StatusCode.ERROR)
    made.add_link(made.get_span_context())
    made.end()
    (only,) = captured.spans
    assert (only.name, only.status, only.events, only.links) == ("once", "unset", (), ())
    assert "late" not in only.attributes
    assert not made.is_recording()


def test_ok_is_final_and_unset_changes_nothing(captured: Captured) -> None:
    with span("judged") as judged:
        judged.set_status(StatusCode.ERROR, "first")
        judged.set_status(StatusCode.UNSET)
        judged.set_status(Status(StatusCode.OK))
        judged.set_status(StatusCode.ERROR, "too late")
    assert (captured.spans[0].status, captured.spans[0].status_message) == ("ok", "")


def test_a_span_is_bounded() -> None:
    made = tracer.start("large")
    for number in range(MAX_ITEMS + 3):
        made.set_attribute(f"a{number}", number)
        made.add_event("again")
        made.add_link(made.get_span_context())
    made.set_attribute("a0", "replaced")
    made.add_link(INVALID_SPAN_CONTEXT)
    made.end()
    assert (len(made.attributes), made.dropped_attributes) == (MAX_ITEMS, 3)
    assert (len(made.events or ()), made.dropped_events) == (MAX_ITEMS, 3)
    assert (len(made.links or ()), made.dropped_links) == (MAX_ITEMS, 3)
    assert made.attributes["a0"] == "replaced"


def test_given_times_and_links_are_kept(captured: Captured) -> None:
    with span("first"):
        context = trace.get_current_span().get_span_context()
    timed = tracer.start_span("timed", links=[Link(context)], start_time=1_000_000_000)
    timed.end(3_000_000_000)
    found = captured.named("timed")[0]
    assert found.end_unix_nano - found.start_unix_nano == 2_000_000_000
    assert found.links == ((f"{context.trace_id:032x}", f"{context.span_id:016x}"),)


def test_the_position_sent_along_is_that_of_the_current_span() -> None:
    assert current_traceparent() is None
    with span("calling") as calling:
        assert isinstance(calling, Span)
        assert current_traceparent() == f"00-{calling.trace_id}-{calling.span_id}-01" == calling.traceparent
