"""What an attempt leaves behind: one CLIENT span and one observation of its duration."""

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from opentelemetry.context import get_current
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import Histogram

from chassis.client.call import Call
from chassis.discovery.model import Instance
from chassis.telemetry.encoding import StaticAttributes
from chassis.telemetry.pipeline import tracer
from chassis.telemetry.span import Span
from chassis.telemetry.tracer import is_suppressed, parent_of

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""The boundaries that the semantic conventions advise for HTTP durations, in seconds."""

_DURATION = Histogram(
    "http_client_request_duration_seconds",
    "Duration of one attempt to call another service, until its reply has been read.",
    ("service_peer_name", "url_template", "http_request_method", "http_response_status_code", "error_type"),
    buckets=_BUCKETS,
)

Observe = Callable[[float, dict[str, str] | None], None]


class AttemptSignals:
    """The span of one attempt. It is never the current one: nothing of ours runs below it in this process."""

    __slots__ = ("_call", "_span")

    def __init__(self, call: Call, instance: Instance, attempt: int) -> None:
        self._call = call
        self._span: Span | None = None
        context = get_current()
        if is_suppressed(context):
            return
        self._span = span = tracer.start(
            f"{call.method} {call.template}",
            kind=SpanKind.CLIENT,
            parent=parent_of(context),
            static=_static(call.service, call.method, call.template, instance.url),
        )
        span.attributes["url.full"] = instance.url + call.target.partition("?")[0]
        if attempt > 1:
            span.attributes["http.request.resend_count"] = attempt - 1

    @property
    def traceparent(self) -> str | None:
        """The header that makes the callee's span a child of this one; none in untraced work."""
        return None if self._span is None else self._span.traceparent

    def finish(self, seconds: float, status: int | None, failure: str | None) -> None:
        """End the span and observe the duration; ``failure`` is the stable name of what went wrong without a reply."""
        error = failure or (str(status) if status is not None and status >= 400 else "")
        call, span, exemplar = self._call, self._span, None
        if span is not None:
            if status is not None:
                span.attributes["http.response.status_code"] = status
            if error:
                span.attributes["error.type"] = error
                span.set_status(StatusCode.ERROR)
            span.end()
            exemplar = {"trace_id": span.trace_id, "span_id": span.span_id}
        _observer(call.service, call.template, call.method, str(status or ""), error)(seconds, exemplar)


@lru_cache(maxsize=1024)
def _static(service: str, method: str, template: str, url: str) -> StaticAttributes:
    parts = urlsplit(url)
    return StaticAttributes(
        {
            "http.request.method": method,
            "server.address": parts.hostname or "",
            "server.port": parts.port or 80,
            "url.template": template,
            "service.peer.name": service,
        }
    )


@lru_cache(maxsize=4096)
def _observer(service: str, template: str, method: str, status: str, error: str) -> Observe:
    observe: Observe = _DURATION.labels(service, template, method, status, error).observe
    return observe
