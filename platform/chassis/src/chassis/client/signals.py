"""What an attempt leaves behind: one CLIENT span and one observation of its duration."""

import time
from collections.abc import Callable, Mapping

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from prometheus_client import Histogram

from chassis.client.call import Call
from chassis.correlation import format_traceparent

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""The boundaries that the semantic conventions advise for HTTP durations."""

_DURATION = Histogram(
    "http_client_request_duration_seconds",
    "Duration of one attempt to call another service, until its reply has been read.",
    ("service_peer_name", "operation", "http_request_method", "http_response_status_code", "error_type"),
    buckets=_BUCKETS,
)
_tracer = trace.get_tracer("chassis.client")

_Observe = Callable[[float, dict[str, str]], None]
_observers: dict[tuple[str, str, str, int, str], _Observe] = {}


class AttemptSignals:
    """The span of one attempt, made current nowhere: what runs inside an attempt is the HTTP library."""

    __slots__ = ("_call", "_span", "_started")

    def __init__(self, call: Call, host: str, port: int, attempt: int) -> None:
        attributes: dict[str, str | int] = {
            "http.request.method": call.method,
            "server.address": host,
            "server.port": port,
            "url.template": call.template,
            "url.full": f"http://{host}:{port}{call.target.partition('?')[0]}",
            "service.peer.name": call.service,
        }
        if attempt > 1:
            attributes["http.request.resend_count"] = attempt - 1
        self._call = call
        self._span: Span = _tracer.start_span(
            f"{call.method} {call.template}", kind=SpanKind.CLIENT, attributes=attributes
        )
        self._started = time.perf_counter()

    @property
    def traceparent(self) -> str:
        """The header that makes the callee's span a child of this one."""
        context = self._span.get_span_context()
        return format_traceparent(
            f"{context.trace_id:032x}", f"{context.span_id:016x}", sampled=context.trace_flags.sampled
        )

    def event(self, name: str, attributes: Mapping[str, str | int | float]) -> None:
        """Note something on the span."""
        self._span.add_event(name, dict(attributes))

    def finish(self, status: int | None, failure: str | None) -> None:
        """End the span and observe the duration; ``failure`` is a short stable name."""
        error = failure or (str(status) if status is not None and status >= 400 else "")
        if status is not None:
            self._span.set_attribute("http.response.status_code", status)
        if error:
            self._span.set_attribute("error.type", error)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()
        call = self._call
        key = (call.service, call.operation, call.method, status or 0, error)
        context = self._span.get_span_context()
        exemplar = {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
        (_observers.get(key) or _bind(key))(time.perf_counter() - self._started, exemplar)


def _bind(key: tuple[str, str, str, int, str]) -> _Observe:
    service, operation, method, status, error = key
    observe: _Observe = _DURATION.labels(service, operation, method, str(status or ""), error).observe
    _observers[key] = observe
    return observe
