"""Working with the current span: `span`, `annotate`, `untraced` and what crosses to other processes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.propagation import get_current_span, set_span_in_context

from chassis.correlation import TraceParent, correlation_id, parse_traceparent, reset_correlation_id, set_correlation_id
from chassis.telemetry.encoding import NO_ATTRIBUTES, StaticAttributes
from chassis.telemetry.ids import new_span_id, new_trace_id
from chassis.telemetry.pipeline import tracer
from chassis.telemetry.span import Parent, Span
from chassis.telemetry.tracer import is_suppressed, parent_of

_ENTRY_KINDS: Final = (SpanKind.SERVER, SpanKind.CONSUMER)
_entry: ContextVar[Span | None] = ContextVar("entry_span", default=None)


class span:  # noqa: N801 - used as a function: `with span("name"):`
    """Run a block inside a new span, which becomes the current one; `with span(...) as s:` gives the API's `Span`.

    What leaves the block as an exception is recorded and makes the span's status an error. Where no correlation ID is
    bound, a new one is bound for the block.

    Args:
        name: from the registry of names; few different ones, never with identifiers in it.
        kind: the span's role, INTERNAL unless it crosses a process boundary.
        attributes: first attributes; values are redacted on the way out.
        parent: a `traceparent` of another process (of a message, of a stored row) to continue; an invalid one is
            ignored and a new trace begins.
        root: begin a new trace even where a span is current.
        links: `traceparent`s of spans that led to this one without being its parent.
        static: attributes encoded in advance.
    """

    __slots__ = ("_attributes", "_correlation", "_entry", "_kind", "_links", "_name", "_parent", "_root", "_span",
                 "_static", "_token")  # fmt: skip

    def __init__(
        self,
        name: str,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Mapping[str, Any] | None = None,
        parent: str | None = None,
        root: bool = False,
        links: Sequence[str] = (),
        static: StaticAttributes = NO_ATTRIBUTES,
    ) -> None:
        """Prepare the span; it starts when the block is entered."""
        self._name, self._kind, self._attributes = name, kind, attributes
        self._parent, self._root, self._links, self._static = parent, root, links, static
        self._correlation: Token[str] | None = None
        self._entry: Token[Span | None] | None = None
        self._token: Token[otel_context.Context] | None = None
        self._span: Span | NonRecordingSpan

    def __enter__(self) -> Span | NonRecordingSpan:
        """Start the span and make it current."""
        context = otel_context.get_current()
        if is_suppressed(context) and self._parent is None and not self._root:
            self._span = NonRecordingSpan(get_current_span(context).get_span_context())
            return self._span
        made = tracer.start(self._name, kind=self._kind, parent=self._find_parent(context), static=self._static)
        if not correlation_id():
            self._correlation = set_correlation_id(made.correlation_id)
        if self._attributes:
            made.attributes.update(self._attributes)
        for link in self._links:
            add_remote_link(made, link)
        if self._kind in _ENTRY_KINDS:
            self._entry = _entry.set(made)
        self._token = otel_context.attach(set_span_in_context(made, context))
        self._span = made
        return made

    def _find_parent(self, context: otel_context.Context) -> Parent | None:
        if self._parent is not None:
            return remote_parent(parse_traceparent(self._parent))
        return None if self._root else parent_of(context)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Record what went wrong, if anything, and end the span."""
        if self._token is not None:
            otel_context.detach(self._token)
        if self._entry is not None:
            _entry.reset(self._entry)
        if isinstance(self._span, Span):
            self._span.__exit__(exc_type, exc, traceback)
        if self._correlation is not None:
            reset_correlation_id(self._correlation)


def remote_parent(position: TraceParent | None) -> Parent | None:
    """A position in a trace of another process, as a parent."""
    return None if position is None else Parent(position.trace_id, position.span_id, remote=True)


def remote_context(position: TraceParent) -> SpanContext:
    """A position in a trace of another process, as the API's span context."""
    return SpanContext(
        int(position.trace_id, 16), int(position.span_id, 16), is_remote=True, trace_flags=TraceFlags(position.flags)
    )


def add_remote_link(target: Span, traceparent: str) -> None:
    """Link the span that a `traceparent` names; an invalid one is ignored."""
    position = parse_traceparent(traceparent)
    if position is not None:
        target.add_link(remote_context(position))


def current_span() -> Span | None:
    """The recording span that is current, if there is one."""
    current = get_current_span()
    return current if isinstance(current, Span) and current.is_recording() else None


def entry_span() -> Span | None:
    """The SERVER or CONSUMER span through which the work came into this process, while it runs."""
    return _entry.get()


def set_entry_span(value: Span | None) -> Token[Span | None]:
    """Declare the entry span without a block; give the token to `reset_entry_span`."""
    return _entry.set(value)


def reset_entry_span(token: Token[Span | None]) -> None:
    """Restore what was the entry span before `set_entry_span` returned this token."""
    _entry.reset(token)


def annotate(attributes: Mapping[str, Any]) -> None:
    """Put attributes on the entry span: what the request or message was about. Nothing happens outside of one."""
    target = _entry.get()
    if target is not None:
        target.set_attributes(attributes)


def current_traceparent() -> str | None:
    """The `traceparent` to send along or to store, or None outside of any trace."""
    current = get_current_span()
    if isinstance(current, Span):
        return current.traceparent
    parent = None if is_suppressed(otel_context.get_current()) else parent_of(otel_context.get_current())
    return None if parent is None else f"00-{parent.trace_id}-{parent.span_id}-01"


@contextmanager
def untraced() -> Iterator[None]:
    """Make no spans inside the block: for polling and probes, which would bury what matters."""
    identity = SpanContext(int(new_trace_id(), 16), int(new_span_id(), 16), is_remote=False, trace_flags=TraceFlags(0))
    token = otel_context.attach(set_span_in_context(NonRecordingSpan(identity)))
    try:
        yield
    finally:
        otel_context.detach(token)
