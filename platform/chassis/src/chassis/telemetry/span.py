"""The span: one timed operation, implementing the OpenTelemetry API's interface."""

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, NamedTuple

from opentelemetry import trace
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from chassis.correlation import format_traceparent
from chassis.telemetry.encoding import NO_ATTRIBUTES, StaticAttributes
from chassis.telemetry.exceptions import exception_attributes
from chassis.telemetry.ids import new_span_id, new_trace_id

MAX_ITEMS: Final = 128
"""Most attributes, events and links a span keeps, each; what is beyond is counted as dropped on the span."""

_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
_now: Final = time.time_ns
_clock: Final = time.perf_counter_ns


class Event(NamedTuple):
    """Something that happened during a span, at a time in nanoseconds since 1970."""

    name: str
    time_unix_nano: int
    attributes: Mapping[str, Any]


class Link(NamedTuple):
    """Another span that this one has to do with, without being its child."""

    context: SpanContext
    attributes: Mapping[str, Any]


class Parent(NamedTuple):
    """What a new span takes over from the one above it."""

    trace_id: str
    span_id: str
    remote: bool
    state: TraceState | None = None


class Span(trace.Span):
    """A recording span. After `end` it no longer changes, and has been handed to its sink."""

    __slots__ = (
        "_clock_start",
        "_context",
        "_sink",
        "attributes",
        "correlation_id",
        "dropped_attributes",
        "dropped_events",
        "dropped_links",
        "end_unix_nano",
        "events",
        "kind",
        "links",
        "name",
        "parent",
        "scope",
        "span_id",
        "start_unix_nano",
        "static",
        "status_code",
        "status_message",
        "trace_id",
    )

    def __init__(
        self,
        name: str,
        *,
        sink: Callable[["Span"], None],
        scope: str,
        kind: SpanKind = SpanKind.INTERNAL,
        parent: Parent | None = None,
        correlation_id: str = "",
        static: StaticAttributes = NO_ATTRIBUTES,
        start_time: int | None = None,
    ) -> None:
        """Start the span now, or at `start_time` in nanoseconds since 1970."""
        self.name = name
        self.kind = kind
        self.scope = scope
        self.parent = parent
        self.trace_id = new_trace_id() if parent is None else parent.trace_id
        self.span_id = new_span_id()
        self.correlation_id = correlation_id
        self.static = static
        self.attributes: dict[str, Any] = {}
        self.events: list[Event] | None = None
        self.links: list[Link] | None = None
        self.status_code = 0
        self.status_message = ""
        self.dropped_attributes = self.dropped_events = self.dropped_links = 0
        self.end_unix_nano = 0
        self._context: SpanContext | None = None
        self._sink = sink
        self._clock_start = _clock()
        self.start_unix_nano = _now() if start_time is None else start_time
        if start_time is not None:
            self._clock_start -= _now() - start_time

    def get_span_context(self) -> SpanContext:
        """This span's identity, for children, links and other processes."""
        if self._context is None:
            state = self.parent.state if self.parent is not None else None
            self._context = SpanContext(int(self.trace_id, 16), int(self.span_id, 16), False, _SAMPLED, state)
        return self._context

    @property
    def traceparent(self) -> str:
        """The W3C `traceparent` header that makes another process's span a child of this one."""
        return format_traceparent(self.trace_id, self.span_id)

    @property
    def duration_ns(self) -> int:
        """Nanoseconds from start to end, or to now while the span runs."""
        return (self.end_unix_nano - self.start_unix_nano) if self.end_unix_nano else _clock() - self._clock_start

    def is_recording(self) -> bool:
        """Whether the span has not ended yet."""
        return not self.end_unix_nano

    def set_attribute(self, key: str, value: Any) -> None:
        """Set or replace one attribute."""
        if self.end_unix_nano:
            return
        if len(self.attributes) >= MAX_ITEMS and key not in self.attributes:
            self.dropped_attributes += 1
            return
        self.attributes[key] = value

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Set or replace several attributes."""
        for key, value in attributes.items():
            self.set_attribute(key, value)

    def add_event(self, name: str, attributes: Mapping[str, Any] | None = None, timestamp: int | None = None) -> None:
        """Add something that happened, now or at `timestamp` in nanoseconds since 1970."""
        if self.end_unix_nano:
            return
        if self.events is None:
            self.events = []
        if len(self.events) >= MAX_ITEMS:
            self.dropped_events += 1
            return
        self.events.append(Event(name, timestamp or _now(), attributes or {}))

    def add_link(self, context: SpanContext, attributes: Mapping[str, Any] | None = None) -> None:
        """Link another span; an invalid context is ignored."""
        if self.end_unix_nano or not context.is_valid:
            return
        if self.links is None:
            self.links = []
        if len(self.links) >= MAX_ITEMS:
            self.dropped_links += 1
            return
        self.links.append(Link(context, attributes or {}))

    def update_name(self, name: str) -> None:
        """Give the span its final name."""
        if not self.end_unix_nano:
            self.name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Set the outcome. OK is final and a later UNSET is ignored, as the specification demands."""
        if isinstance(status, Status):
            code, description = status.status_code, status.description
        else:
            code = status
        if self.end_unix_nano or self.status_code == StatusCode.OK.value or code is StatusCode.UNSET:
            return
        self.status_code = code.value
        self.status_message = (description or "") if code is StatusCode.ERROR else ""

    def record_exception(
        self,
        exception: BaseException,
        attributes: Mapping[str, Any] | None = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: ARG002 - part of the interface, deprecated by the specification
    ) -> None:
        """Add an `exception` event with type, message and stack trace."""
        self.add_event("exception", {**exception_attributes(exception), **(attributes or {})}, timestamp)

    def end(self, end_time: int | None = None) -> None:
        """End the span, now or at `end_time` in nanoseconds since 1970, and hand it on; a second call does nothing."""
        if self.end_unix_nano:
            return
        self.end_unix_nano = end_time or self.start_unix_nano + _clock() - self._clock_start
        self._sink(self)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """Record what ended the block, as `fail` does, and end the span."""
        if exc_val is not None:
            self.fail(exc_val)
        self.end()

    def fail(self, exception: BaseException) -> None:
        """Record an exception and set the status to error."""
        if isinstance(exception, Exception):
            self.record_exception(exception)
        self.set_status(StatusCode.ERROR, f"{type(exception).__name__}: {exception}")
