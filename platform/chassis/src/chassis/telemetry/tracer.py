"""Tracer and provider of the OpenTelemetry API: whatever uses that API joins our traces."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context, get_current
from opentelemetry.trace import INVALID_SPAN, NonRecordingSpan, SpanKind
from opentelemetry.trace.propagation import get_current_span

from chassis.correlation import correlation_id, new_correlation_id
from chassis.telemetry.encoding import NO_ATTRIBUTES, StaticAttributes
from chassis.telemetry.span import Parent, Span

_hex32: Final = "{:032x}".format
_hex16: Final = "{:016x}".format


def parent_of(context: Context) -> Parent | None:
    """The current span of a context as a parent, or None where there is none."""
    current = get_current_span(context)
    if isinstance(current, Span):
        state = current.parent.state if current.parent is not None else None
        return Parent(current.trace_id, current.span_id, remote=False, state=state)
    identity = current.get_span_context()
    if not identity.is_valid:
        return None
    return Parent(_hex32(identity.trace_id), _hex16(identity.span_id), identity.is_remote, identity.trace_state)


def is_suppressed(context: Context) -> bool:
    """Whether the context belongs to work that is not traced, such as a health probe (see `untraced`)."""
    current = get_current_span(context)
    if not isinstance(current, NonRecordingSpan) or current is INVALID_SPAN:
        return False
    identity = current.get_span_context()
    return identity.is_valid and not identity.is_remote and not identity.trace_flags.sampled


class Tracer(trace.Tracer):
    """Makes spans for one instrumentation scope. Every span is recorded, unless its local parent is untraced."""

    def __init__(self, scope: str, sink: Callable[[Span], None]) -> None:
        """Make spans of this scope and hand them to `sink` when they end."""
        self._scope = scope
        self._sink = sink

    def start_span(  # noqa: PLR0917 - the API's signature
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Mapping[str, Any] | None = None,
        links: Sequence[trace.Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: ARG002 - spans record what leaves their block, see Span.__exit__
        set_status_on_exception: bool = True,  # noqa: ARG002
    ) -> trace.Span:
        """Start a span below the context's current one, without making it current."""
        context = get_current() if context is None else context
        if is_suppressed(context):
            return NonRecordingSpan(get_current_span(context).get_span_context())
        span = self.start(name, kind=kind, parent=parent_of(context), start_time=start_time)
        if attributes:
            span.set_attributes(attributes)
        for link in links or ():
            span.add_link(link.context, link.attributes)
        return span

    def start(
        self,
        name: str,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        parent: Parent | None = None,
        static: StaticAttributes = NO_ATTRIBUTES,
        start_time: int | None = None,
        correlation: str = "",
    ) -> Span:
        """Start a span below `parent`, or as the root of a new trace."""
        return Span(
            name,
            sink=self._sink,
            scope=self._scope,
            kind=kind,
            parent=parent,
            correlation_id=correlation or correlation_id() or new_correlation_id(),
            static=static,
            start_time=start_time,
        )

    @contextmanager
    def start_as_current_span(  # type: ignore[override]  # noqa: PLR0917 - the API's own decorator is untyped
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Mapping[str, Any] | None = None,
        links: Sequence[trace.Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> Iterator[trace.Span]:
        """Start a span and make it current for the length of a `with` block."""
        span = self.start_span(name, context, kind, attributes, links, start_time)
        with trace.use_span(
            span,
            end_on_exit=end_on_exit,
            record_exception=record_exception,
            set_status_on_exception=set_status_on_exception,
        ):
            yield span


class TracerProvider(trace.TracerProvider):
    """Gives out tracers, one per scope, that all hand their spans to one sink."""

    def __init__(self, sink: Callable[[Span], None]) -> None:
        """Hand every ended span to `sink`."""
        self._sink = sink
        self._tracers: dict[str, Tracer] = {}

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,  # noqa: ARG002
        schema_url: str | None = None,  # noqa: ARG002
        attributes: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Tracer:
        """The tracer of a scope, the same one for the same name."""
        tracer = self._tracers.get(instrumenting_module_name)
        if tracer is None:
            tracer = self._tracers[instrumenting_module_name] = Tracer(instrumenting_module_name, self._sink)
        return tracer
