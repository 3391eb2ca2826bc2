"""An event as a handler sees it, and as it travels: CloudEvents 1.0 in structured JSON."""

import builtins
import re
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")

CONTENT_TYPE: Final = "application/cloudevents+json"
EVENT_TYPE: Final = re.compile(r"[a-z][a-z0-9]*\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*")
"""`<service>.<entity>.<past tense>.v<version>`; also the NATS subject."""


class Event(Struct, Generic[T], frozen=True, kw_only=True):
    """Something that happened in a service.

    Attributes:
        id: unique; a redelivery has the same.
        type: `<service>.<entity>.<past tense>.v<version>`.
        source: a URN of the service.
        subject: the identifier of the entity it happened to.
        time: when it was published.
        data: what is told of it.
        correlation_id: of the request that it came from.
        traceparent: of the span that sent it; empty outside a trace.
    """

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    data: T
    correlation_id: str = ""
    traceparent: str = ""


class Envelope(Struct, kw_only=True, omit_defaults=True):
    """The CloudEvents document; `data` stays undecoded until its type is known."""

    specversion: str = ""
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str = ""
    dataschema: str = ""
    correlationid: str = ""
    traceparent: str = ""
    data: msgspec.Raw

    def open(self, data: "builtins.type[T]") -> Event[T]:
        """The event with its data decoded.

        Raises:
            msgspec.ValidationError: the data is not of this type.
        """
        return Event(
            id=self.id,
            type=self.type,
            source=self.source,
            subject=self.subject,
            time=self.time,
            data=msgspec.json.decode(self.data, type=data),
            correlation_id=self.correlationid,
            traceparent=self.traceparent,
        )


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Envelope)


def encode(envelope: Envelope) -> bytes:
    """The document as it is sent."""
    return _encoder.encode(envelope)


def decode(payload: bytes) -> Envelope:
    """Read a received document.

    Raises:
        msgspec.MsgspecError: it is not JSON, or not a CloudEvents document of ours.
    """
    return _decoder.decode(payload)


def envelope(
    event_id: str, event_type: str, *, service: str, subject: str, time: datetime, data: str, **context: Any
) -> Envelope:
    """The document of an event of `service`; `data` is its JSON, `context` the extension attributes."""
    return Envelope(
        specversion="1.0",
        id=event_id,
        source=source_of(service),
        type=event_type,
        subject=subject,
        time=time,
        datacontenttype="application/json",
        dataschema=schema_of(event_type),
        data=msgspec.Raw(data.encode()),
        **context,
    )


def source_of(service: str) -> str:
    """The URN of the service as the source of events."""
    return f"urn:pharos:service:{service}"


def schema_of(event_type: str) -> str:
    """The URN of the schema of an event type's data; the schema itself is in the service's asyncapi.json."""
    return f"urn:pharos:event:{event_type}"


def publisher_of(event_type: str) -> str:
    """The service that publishes events of this type."""
    return event_type.partition(".")[0]
