"""What an attempt leaves behind: one CLIENT span and one observation of its duration."""

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from opentelemetry.context import get_current
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import Histogram

from chassis.client.breakers import attributes_of, report_transition
from chassis.client.call import Call
from chassis.client.ejections import report_ejection
from chassis.discovery.model import Instance
from chassis.resilience.breaker import Transition
from chassis.telemetry import names
from chassis.telemetry.encoding import StaticAttributes
from chassis.telemetry.http_metrics import BUCKETS
from chassis.telemetry.pipeline import tracer
from chassis.telemetry.span import Span
from chassis.telemetry.tracer import is_suppressed, parent_of

_DURATION = Histogram(
    names.METRIC_HTTP_CLIENT_REQUEST_DURATION,
    "Duration of one attempt to call another service, until its reply has been read.",
    ("service_peer_name", "url_template", "http_request_method", "http_response_status_code", "error_type"),
    buckets=BUCKETS,
)

Observe = Callable[[float, dict[str, str] | None], None]


class AttemptSignals:
    """The span of one attempt. It is never the current one: nothing of ours runs below it in this process."""

    __slots__ = ("_call", "_instance", "_span")

    def __init__(self, call: Call, instance: Instance, attempt: int) -> None:
        self._call = call
        self._instance = instance
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
        span.attributes[names.URL_FULL] = instance.url + call.target.partition("?")[0]
        if attempt > 1:
            span.attributes[names.HTTP_REQUEST_RESEND_COUNT] = attempt - 1

    @property
    def traceparent(self) -> str | None:
        """The header that makes the callee's span a child of this one; none in untraced work."""
        return None if self._span is None else self._span.traceparent

    def changed(self, change: Transition) -> None:
        """Tell that the attempt changed the state of its replica's circuit breaker."""
        if self._span is not None:
            self._span.add_event(names.EVENT_CIRCUIT_BREAKER_TRANSITION, attributes_of(change))
        report_transition(self._call.service, self._instance.url, change)

    def ejected(self, seconds: float) -> None:
        """Tell that the balancer leaves the replica out from now on, because of this attempt."""
        if self._span is not None:
            self._span.add_event(names.EVENT_BALANCER_EJECTION, {names.BALANCER_EJECTED_S: round(seconds, 3)})
        report_ejection(self._call.service, self._instance.url, seconds)

    def finish(self, seconds: float, status: int | None, failure: str | None) -> None:
        """End the span and observe the duration; ``failure`` is the stable name of what went wrong without a reply."""
        error = failure or (str(status) if status is not None and status >= 400 else "")
        call, span, exemplar = self._call, self._span, None
        if span is not None:
            if status is not None:
                span.attributes[names.HTTP_RESPONSE_STATUS_CODE] = status
            if error:
                span.attributes[names.ERROR_TYPE] = error
                span.set_status(StatusCode.ERROR)
            span.end()
            exemplar = {"trace_id": span.trace_id, "span_id": span.span_id}
        _observer(call.service, call.template, call.method, str(status or ""), error)(seconds, exemplar)


@lru_cache(maxsize=1024)
def _static(service: str, method: str, template: str, url: str) -> StaticAttributes:
    parts = urlsplit(url)
    return StaticAttributes(
        {
            names.HTTP_REQUEST_METHOD: method,
            names.SERVER_ADDRESS: parts.hostname or "",
            names.SERVER_PORT: parts.port or 80,
            names.URL_TEMPLATE: template,
            names.SERVICE_PEER_NAME: service,
        }
    )


@lru_cache(maxsize=4096)
def _observer(service: str, template: str, method: str, status: str, error: str) -> Observe:
    observe: Observe = _DURATION.labels(service, template, method, status, error).observe
    return observe
