"""Which stream the outbox was sent to, so that one that was lost is noticed and filled again.

A stream that is made anew has another creation time, and one that was put back from an older copy has a lower last
sequence number. What was seen last is a row in the service's own database: a relay that was down meanwhile notices as
well, and of several replicas one alone marks the outbox's rows as unsent.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from loguru import logger

from chassis.messaging import metrics
from chassis.messaging.bus import Bus, stream_of
from chassis.persistence.engine import Engine, Transaction

_KNOWN: Final = "SELECT created, last_sequence FROM stream_incarnation WHERE stream = $1"
_FIRST: Final = (
    "INSERT INTO stream_incarnation (stream, created, last_sequence) VALUES ($1, $2, 0) ON CONFLICT (stream) DO NOTHING"
)
_LOCK: Final = _KNOWN + " FOR UPDATE"
_AGAIN: Final = (
    "WITH again AS (UPDATE outbox SET published_at = NULL WHERE published_at IS NOT NULL "
    "AND occurred_at > now() - $1 * interval '1 second' RETURNING 1) SELECT count(*) AS rows FROM again"
)
_REPLACE: Final = "UPDATE stream_incarnation SET created = $2, last_sequence = $3 WHERE stream = $1"
_ADVANCE: Final = (
    "UPDATE stream_incarnation SET last_sequence = $3 WHERE stream = $1 AND created = $2 AND last_sequence < $3"
)


@dataclass(frozen=True, slots=True)
class Incarnation:
    """One life of a stream: when it was made, and the number of its last message."""

    created: datetime
    last_sequence: int

    def continues(self, known: "Incarnation") -> bool:
        """Whether it is the stream known before, with all that was in it."""
        return self.created == known.created and self.last_sequence >= known.last_sequence


class Incarnations:
    """Compares the stream of a service with the one its outbox was sent to."""

    def __init__(self, engine: Engine, bus: Bus, stream_age: float) -> None:
        """`stream_age` is for how many seconds a stream keeps messages: older rows need not be sent again."""
        self._engine = engine
        self._bus = bus
        self._stream_age = stream_age
        self._stream = stream_of(engine.settings.service)

    async def check(self) -> datetime:
        """Make the whole outbox unsent if its stream has been lost; when the stream that is there was made.

        Raises:
            Unavailable: the database or the bus is away.
            nats.errors.Error: JetStream does not answer.
        """
        known = await self._known(_KNOWN)
        now = await self._now()  # after the row, which only grows: so it is never behind a replica's newer look
        if known is not None and now.continues(known):
            if now.last_sequence > known.last_sequence:
                await self._engine.fetch(_ADVANCE, (self._stream, now.created, now.last_sequence))
            return now.created
        await self._replace(now.created)
        return now.created

    async def _replace(self, created: datetime) -> None:
        async with Transaction(self._engine):
            await self._engine.fetch(_FIRST, (self._stream, created))
            known = await self._known(_LOCK)
            now = await self._now()
            if known is None or now.continues(known):  # another replica was first, or there was none before
                return
            [again] = await self._engine.fetch(_AGAIN, (self._stream_age,))
            await self._engine.fetch(_REPLACE, (self._stream, now.created, now.last_sequence))
        metrics.rebuilt.inc()
        logger.warning(
            "stream {} was lost and is filled again: {} events are sent once more", self._stream, again["rows"]
        )

    async def _known(self, statement: str) -> Incarnation | None:
        rows: list[Any] = await self._engine.fetch(statement, (self._stream,))
        return Incarnation(rows[0]["created"], rows[0]["last_sequence"]) if rows else None

    async def _now(self) -> Incarnation:
        created, last_sequence = await self._bus.ensure_stream(self._engine.settings.service)
        return Incarnation(created, last_sequence)
