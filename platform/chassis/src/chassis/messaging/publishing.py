"""Publishing an event: a row in the outbox, in the transaction of what the event tells of."""

from functools import partial
from typing import Any, Final

import msgspec

from chassis.correlation import correlation_id, new_correlation_id
from chassis.errors import PayloadTooLarge
from chassis.ids import uuid7
from chassis.messaging.event import EVENT_TYPE, publisher_of
from chassis.persistence.engine import current_transaction
from chassis.telemetry import current_traceparent

OUTBOX: Final = "outbox"
"""Who takes the rows of the outbox, among the engine's takers."""
MAX_DATA_BYTES: Final = 900_000
"""NATS takes a message of 1 MiB (its default `max_payload`); the rest is for the envelope and the headers."""
COLUMNS: Final = "position, event_id, type, subject, data, occurred_at, traceparent, correlation_id"
_INSERT: Final = (
    "INSERT INTO outbox (event_id, type, subject, data, traceparent, correlation_id) "
    "VALUES ($1, $2, $3, $4, $5, $6) RETURNING " + COLUMNS
)
_encoder = msgspec.json.Encoder()


class UndeclaredEvent(ValueError):
    """The event type is malformed or belongs to another service."""

    reason = "event-undeclared"


class EventTooLarge(PayloadTooLarge):
    """The event's data are more than the broker takes, so that it could never be sent."""

    reason = "event-too-large"
    title = "Event too large"


async def publish(event_type: str, data: msgspec.Struct, *, subject: str) -> str:
    """Publish an event with the open transaction: it is sent if and only if that commits. Returns the event's ID.

    Args:
        event_type: `<service>.<entity>.<past tense>.v<version>`, one of the service's own.
        data: what is told; encoded as JSON now.
        subject: the identifier of the entity it happened to.

    Raises:
        NoTransaction: called outside `transaction()`.
        UndeclaredEvent: the type is not one of this service's.
        EventTooLarge: the data are more than the broker takes.
    """
    opened = current_transaction()
    service = opened.engine.settings.service
    if EVENT_TYPE.fullmatch(event_type) is None or publisher_of(event_type) != service:
        raise UndeclaredEvent(f"{event_type!r} is no event type of {service}; write {service}.<entity>.<past tense>.v1")
    event_id = uuid7()
    correlation = correlation_id() or new_correlation_id()
    encoded = _encoder.encode(data)
    size = len(encoded) + len(subject.encode())
    if size > MAX_DATA_BYTES:
        raise EventTooLarge(f"{event_type} has {size} bytes of data and subject; {MAX_DATA_BYTES} are the most")
    row = (event_id, event_type, subject, encoded.decode(), current_traceparent() or "", correlation)
    [written] = await opened.engine.fetch(_INSERT, row)
    opened.after_commit(partial(opened.engine.takers.get(OUTBOX, _nobody), written))
    return str(event_id)


def _nobody(_row: Any) -> None:
    """No relay runs in this process; another replica's will find the row."""
