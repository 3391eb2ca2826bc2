"""The spans of sending and handling an event, in the trace of the work that it came from."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from opentelemetry import trace

from chassis.correlation import bind_correlation_id, is_valid, parse_traceparent
from chassis.telemetry import Span, SpanKind, StaticAttributes, span, tracer
from chassis.telemetry.current import remote_parent


@contextmanager
def sending(event_type: str, traceparent: str, correlation_id: str, event_id: str) -> Iterator[Span]:
    """A PRODUCER span that continues the trace in which the event was published."""
    made = tracer.start(
        f"send {event_type}",
        kind=SpanKind.PRODUCER,
        parent=remote_parent(parse_traceparent(traceparent)),
        static=_attributes(event_type, "send"),
        correlation=correlation_id,
    )
    made.set_attribute("messaging.message.id", event_id)
    try:
        yield made
    except Exception as error:
        made.set_attribute("error.type", type(error).__qualname__)
        made.fail(error)
        raise
    finally:
        made.end()


@contextmanager
def handling(
    event_type: str, traceparent: str, correlation_id: str, event_id: str, attempt: int
) -> Iterator[trace.Span]:
    """A CONSUMER span that continues the sender's trace, with the event's correlation ID bound."""
    attributes = {"messaging.message.id": event_id, "messaging.message.delivery_count": attempt}
    with (
        bind_correlation_id(correlation_id if is_valid(correlation_id) else None),
        span(
            f"process {event_type}",
            kind=SpanKind.CONSUMER,
            parent=traceparent,
            attributes=attributes,
            static=_attributes(event_type, "process"),
        ) as made,
    ):
        yield made


@lru_cache(maxsize=512)
def _attributes(event_type: str, operation: str) -> StaticAttributes:
    return StaticAttributes(
        {
            "messaging.system": "nats",
            "messaging.operation.name": operation,
            "messaging.operation.type": operation,
            "messaging.destination.name": event_type,
        }
    )
