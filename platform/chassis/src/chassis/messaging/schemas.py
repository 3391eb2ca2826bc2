"""What goes over the operations on a service's messages."""

from datetime import datetime
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta, Struct

from chassis.messaging.dead_letters import DeadLetter
from chassis.messaging.delivery import Outcome
from chassis.messaging.replays import Replay
from chassis.telemetry.redaction import redact_text, redact_value

ID = "019a8f3e-5a77-7c1e-8a55-0c9d5f1f4a10"
TYPE = "things.thing.changed.v1"
LONGEST_PAYLOAD = 4_000
"""Characters of a payload that is no JSON; the message itself stays in the database."""

Moment = Annotated[datetime, Meta(examples=["2026-03-01T12:00:00Z"])]
Count = Annotated[int, Meta(examples=[0])]
EventId = Annotated[str, Meta(examples=[ID])]
EventType = Annotated[str, Meta(examples=[TYPE])]
CorrelationId = Annotated[str, Meta(examples=["3f1c2a9be7d84c51"])]
NextCursor = Annotated[str | None, Meta(description="Where the next page begins; null on the last one.")]


class MessageTotals(Struct, frozen=True, kw_only=True):
    """What of a service's messages is still to be done."""

    unsent: Annotated[int, Meta(examples=[0], description="Outbox rows that the broker has not stored yet.")]
    unsent_seconds: Annotated[float, Meta(examples=[0.0], description="Age of the oldest of them.")]
    refused: Annotated[int, Meta(examples=[0], description="Outbox rows that the broker will never take.")]
    failing: Annotated[int, Meta(examples=[0], description="Messages that failed and are tried again.")]
    dead: Annotated[int, Meta(examples=[0], description="Dead letters.")]
    waiting: Annotated[
        int | None,
        Meta(examples=[0], description="Messages that the broker has for it; null while the broker cannot tell."),
    ]
    settled_until: Annotated[
        datetime | None,
        Meta(
            examples=["2026-03-01T12:00:00Z"],
            description="Of what the broker stored before, all was handled or given up; null while it cannot tell.",
        ),
    ]


class PublishedEvent(Struct, frozen=True, kw_only=True):
    """An event of the outbox, without its data; `published_at` is null until the broker has stored it."""

    event_id: EventId
    type: EventType
    subject: Annotated[str, Meta(examples=[ID], description="The identifier of the entity it happened to.")]
    occurred_at: Moment
    published_at: Moment | None
    correlation_id: CorrelationId


class PublishedEvents(Struct, frozen=True):
    """Events in the order in which they were written."""

    items: list[PublishedEvent]
    next_cursor: NextCursor


class DeadLetterSummary(Struct, frozen=True, kw_only=True):
    """A message given up. `detail` is cleaned of secrets as log lines are."""

    id: Annotated[int, Meta(examples=[1])]
    type: EventType
    event_id: EventId
    reason: Annotated[str, Meta(examples=["handler-failed"])]
    detail: Annotated[str, Meta(examples=["ValueError: no such line"])]
    attempts: Annotated[int, Meta(examples=[8])]
    correlation_id: CorrelationId
    traceparent: Annotated[str, Meta(examples=["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])]
    first_failed_at: Moment
    last_failed_at: Moment
    dead_at: Moment

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        """What a list shows of it."""
        return cls(**_shown(letter))


class DeadLetterView(DeadLetterSummary, frozen=True, kw_only=True):
    """A message given up, with what it says, cleaned of secrets as log lines are."""

    stream: Annotated[str, Meta(examples=["THINGS"])]
    stream_sequence: Annotated[int, Meta(examples=[42])]
    payload: Annotated[Any, Meta(examples=[{"id": ID, "type": TYPE}], description="JSON, or text if it is none.")]

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        """All of it that may be shown."""
        return cls(
            **_shown(letter),
            stream=letter.stream,
            stream_sequence=letter.stream_sequence,
            payload=redacted(letter.message),
        )


class DeadLetterPage(Struct, frozen=True):
    """Dead letters in the order of their ids."""

    items: list[DeadLetterSummary]
    next_cursor: NextCursor


class Replayed(Struct, frozen=True):
    """How a replay ended: `done`, `duplicate` (its effect was there before), `outage`, or `dead` again."""

    id: Annotated[int, Meta(examples=[1])]
    outcome: Outcome


class ReplayView(Struct, frozen=True, kw_only=True):
    """A replay of a dead letter; `outcome` is null while it is under way, or when the process died at it."""

    id: Annotated[int, Meta(examples=[1])]
    letter: Annotated[int, Meta(examples=[1], description="The dead letter's id.")]
    type: EventType
    event_id: EventId
    replayed_by: Annotated[str, Meta(examples=["operator"])]
    replayed_at: Moment
    outcome: Annotated[Outcome | None, Meta(examples=["done"])]
    correlation_id: CorrelationId

    @classmethod
    def of(cls, replay: Replay) -> Self:
        """The replay as it was written down."""
        return cls(
            id=replay.id,
            letter=replay.letter,
            type=replay.consumer,
            event_id=replay.event_id,
            replayed_by=replay.replayed_by,
            replayed_at=replay.replayed_at,
            outcome=Outcome(replay.outcome) if replay.outcome else None,
            correlation_id=replay.correlation_id,
        )


class ReplayPage(Struct, frozen=True):
    """Replays in the order in which they were begun."""

    items: list[ReplayView]
    next_cursor: NextCursor


def redacted(message: bytes) -> Any:
    """A message as it may be shown: JSON with its secrets replaced, or else cleaned text."""
    try:
        return redact_value("payload", msgspec.json.decode(message))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return redact_text(message[:LONGEST_PAYLOAD].decode("utf-8", "backslashreplace"))


def _shown(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "type": letter.consumer,
        "event_id": letter.event_id,
        "reason": letter.reason,
        "detail": redact_text(letter.detail),
        "attempts": letter.attempts,
        "correlation_id": letter.correlation_id,
        "traceparent": letter.traceparent,
        "first_failed_at": letter.first_failed_at,
        "last_failed_at": letter.last_failed_at,
        "dead_at": letter.dead_at,
    }
