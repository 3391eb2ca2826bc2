"""The outermost layer of a service: one trace, one metric and one log line for every request, whatever its fate."""

from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter_ns
from typing import Any, Final

from loguru import logger as log
from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation import set_span_in_context

from chassis.correlation import new_correlation_id, reset_correlation_id, set_correlation_id
from chassis.telemetry.caller import Caller, read_caller
from chassis.telemetry.current import remote_context, remote_parent, reset_entry_span, set_entry_span, untraced
from chassis.telemetry.exceptions import exception_attributes, exception_type
from chassis.telemetry.http_metrics import HTTP_SERVER
from chassis.telemetry.logrecord import SEVERITY, LogRecord
from chassis.telemetry.pipeline import PIPELINE, tracer
from chassis.telemetry.problem import internal_error
from chassis.telemetry.redaction import redact_text
from chassis.telemetry.routes import Outcome, outcome
from chassis.telemetry.settings import LEVELS
from chassis.telemetry.span import Span

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Trusted = Callable[[Scope], bool | Awaitable[bool]]

_EXCHANGE: Final = "chassis.exchange"
_CLIENT_GONE: Final = 499
"""Status recorded when the caller left before an answer began (nginx's convention); it is never sent."""


def nobody(_scope: Scope) -> bool:
    """Trust no caller: every request begins a trace of its own."""
    return False


def note_exception(scope: Scope, exception: Exception) -> None:
    """Tell which exception a request ended in, where it is turned into an answer inside of the application.

    With a status of 500 and above it is recorded with its stack and the span fails; below, its type and message are
    kept as an event, because a caller's mistake is no fault of ours.
    """
    exchange = scope.get(_EXCHANGE)
    if isinstance(exchange, Exchange):
        exchange.exception = exception


class TelemetryMiddleware:
    """ASGI application around another one.

    Correlation ID and trace ID are on every answer. A caller that `trusted` accepts continues its trace; any other
    one's trace becomes a link of a new trace, and its `tracestate`, `baggage` and forwarding headers are taken out.
    Requests under `/health/`, to `/metrics` and below the `quiet` paths are counted, but neither traced nor logged.
    """

    def __init__(self, app: App, *, trusted: Trusted = nobody, quiet: tuple[str, ...] = ()) -> None:
        """Wrap `app`; `trusted` says whether the caller of a request is one of us."""
        self._app = app
        self._trusted = trusted
        self._quiet = ("/health/", *quiet)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        caller = read_caller(scope["headers"])
        if caller.forwarded:
            scope["chassis.forwarded"] = True
        path = scope["path"]
        if path == "/metrics" or path.startswith(self._quiet):
            with untraced():
                await self._serve(scope, receive, Exchange(scope, send, caller, None))
            return
        trusted = caller.foreign and await self._trusts(scope, caller)
        span = _begin(scope, caller, trusted=trusted)
        entry = set_entry_span(span)
        context = otel_context.attach(set_span_in_context(span))
        try:
            await self._serve(scope, receive, Exchange(scope, send, caller, span))
        finally:
            otel_context.detach(context)
            reset_entry_span(entry)

    async def _trusts(self, scope: Scope, caller: Caller) -> bool:
        try:
            answer = self._trusted(scope)
            trusted = answer if isinstance(answer, bool) else await answer
        except Exception:  # noqa: BLE001 - who cannot be vouched for is a stranger; the request itself goes on
            log.exception("Cannot tell whether the caller is trusted")
            trusted = False
        if not trusted:
            caller.drop_foreign(scope)
        return trusted

    async def _serve(self, scope: Scope, receive: Receive, exchange: "Exchange") -> None:
        scope[_EXCHANGE] = exchange
        correlation = set_correlation_id(exchange.correlation_id)
        HTTP_SERVER.active += 1
        try:
            await self._app(scope, receive, exchange.send)
        except Exception as exception:
            exchange.exception = exception
            if exchange.status:
                raise
            await internal_error(exchange.send, exchange.correlation_id, exchange.trace_id, exchange.path)
        finally:
            HTTP_SERVER.active -= 1
            exchange.finish()
            reset_correlation_id(correlation)
            # Scope and exchange refer to each other, an exception to this frame; only the collector would free them.
            scope.pop(_EXCHANGE, None)
            exchange.exception = None


class Exchange:
    """One request and its answer."""

    __slots__ = ("_headers", "_scope", "_send", "_start", "correlation_id", "exception", "path",
                 "span", "status", "trace_id")  # fmt: skip

    def __init__(self, scope: Scope, send: Send, caller: Caller, span: Span | None) -> None:
        """Note when it began and what every answer says."""
        self._start = perf_counter_ns()
        self._scope = scope
        self._send = send
        self.path = scope["path"]
        self.span = span
        self.status = 0
        self.exception: Exception | None = None
        self.correlation_id = span.correlation_id if span is not None else caller.correlation_id or new_correlation_id()
        self.trace_id = span.trace_id if span is not None else "0" * 32
        self._headers = [
            (b"x-correlation-id", self.correlation_id.encode()),
            (b"x-trace-id", self.trace_id.encode()),
        ]

    async def send(self, message: Message) -> None:
        """Pass a message on, the answer's head with our headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
        await self._send(message)

    def finish(self) -> None:
        """Count, trace and log the request."""
        status = self.status or _CLIENT_GONE
        duration = perf_counter_ns() - self._start
        result = outcome(self._scope["method"], self._scope.get("path_template") or "", status)
        span = self.span
        result.observe(duration / 1_000_000_000, span)
        if span is None:
            return
        span.name = result.span_name
        span.static = result.attributes
        if self.exception is not None or status >= 500:
            self._record_failure(span, status)
        _log(result, span, duration, self.exception if status >= 500 else None)
        span.end()

    def _record_failure(self, span: Span, status: int) -> None:
        exception = self.exception
        if exception is not None:
            span.add_event("exception", exception_attributes(exception, stack=status >= 500))
        if status >= 500:
            if exception is not None:
                span.set_attribute("error.type", exception_type(exception))
            else:
                span.attributes.setdefault("error.type", str(status))
            span.set_status(StatusCode.ERROR)


def _begin(scope: Scope, caller: Caller, *, trusted: bool) -> Span:
    position = caller.position
    span = tracer.start(
        scope["method"],
        kind=SpanKind.SERVER,
        parent=remote_parent(position) if trusted else None,
        correlation=caller.correlation_id,
    )
    span.attributes["url.path"] = redact_text(scope["path"])
    client = scope.get("client")
    if client:
        span.attributes["client.address"] = client[0]
    if position is not None and not trusted:
        span.add_link(remote_context(position))
    return span


def _log(result: Outcome, span: Span, duration: int, exception: Exception | None) -> None:
    sink = PIPELINE.sink
    if sink is None or sink.threshold > LEVELS[result.level]:
        return
    fields = {"url.path": span.attributes["url.path"], "duration_ms": duration / 1_000_000}
    if exception is not None:
        fields.update(exception_attributes(exception))
    sink.put(
        LogRecord(
            time_unix_nano=span.start_unix_nano + duration,
            level=result.level,
            severity=SEVERITY[result.level],
            message=result.message,
            logger="access",
            trace_id=span.trace_id,
            span_id=span.span_id,
            correlation_id=span.correlation_id,
            fields=fields,
            static=result.attributes,
        )
    )
