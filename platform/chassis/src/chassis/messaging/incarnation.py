"""Which stream the outbox was sent to, so that one that was lost, or lost messages, is noticed and filled again.

A stream that is made anew has another creation time; one that was put back from an older copy has a lower last sequence
number; from one that was purged, or of which messages were deleted, messages are missing that are not too old for it.
What was seen last is a row in the service's own database: a relay that was down meanwhile notices as well, and of
several replicas one alone marks the outbox's rows as unsent.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from loguru import logger
from msgspec import Struct, convert

from chassis.messaging import metrics
from chassis.messaging.bus import Bus, BusUnavailable, stream_of
from chassis.persistence.engine import Engine, Transaction

YOUNG: Final = 0.9
"""A message below this share of the stream's age cannot have been let go for its age."""
_COLUMNS: Final = "created, last_sequence, first_sequence, deleted, fillings"
_KNOWN: Final = f"SELECT {_COLUMNS} FROM stream_incarnation WHERE stream = $1"  # noqa: S608 - fixed pieces
_LOCK: Final = _KNOWN + " FOR UPDATE"
_FIRST: Final = (
    "INSERT INTO stream_incarnation (stream, created, last_sequence, first_sequence, deleted) "
    "VALUES ($1, $2, 0, $3, $4) ON CONFLICT (stream) DO NOTHING"
)
_AGAIN: Final = (
    "WITH again AS (UPDATE outbox SET published_at = NULL WHERE published_at IS NOT NULL "
    "AND occurred_at > now() - $1 * interval '1 second' RETURNING 1) SELECT count(*) AS rows FROM again"
)
_MISSING: Final = "SELECT 1 FROM outbox WHERE published_at > $1 AND published_at < $2 LIMIT 1"
_REPLACE: Final = (
    "UPDATE stream_incarnation SET created = $2, last_sequence = $3, first_sequence = $4, deleted = $5, "
    "fillings = fillings + 1 WHERE stream = $1 RETURNING fillings"
)
_ADVANCE: Final = (
    "UPDATE stream_incarnation SET last_sequence = greatest(last_sequence, $3), "
    "first_sequence = greatest(first_sequence, $4), deleted = $5 WHERE stream = $1 AND created = $2"
)


class Change(StrEnum):
    """What became of a stream since it was last seen."""

    NONE = "none"
    GROWN = "grown"
    SHORTENED = "shortened"
    """Its first messages are gone: for their age, or for another reason."""
    LOST = "lost"


class Incarnation(Struct, frozen=True, kw_only=True):
    """One life of a stream.

    Attributes:
        created: when it was made.
        last_sequence: the number of the last message that it ever stored.
        first_sequence: that of the first message that it has.
        deleted: messages missing in between.
    """

    created: datetime
    last_sequence: int
    first_sequence: int = 1
    deleted: int = 0

    def since(self, known: "Incarnation", *, now: datetime, age: timedelta) -> Change:
        """What became of it since it was `known`; `age` is how long it keeps messages."""
        if self.created != known.created or self.last_sequence < known.last_sequence or self.deleted > known.deleted:
            return Change.LOST
        if self.first_sequence > known.first_sequence:
            too_young = now - self.created < age * YOUNG
            return Change.LOST if too_young else Change.SHORTENED
        grown = self.last_sequence > known.last_sequence or self.deleted != known.deleted
        return Change.GROWN if grown else Change.NONE


class _Known(Incarnation, frozen=True, kw_only=True):
    fillings: int


@dataclass(frozen=True, slots=True)
class Incarnations:
    """Compares a service's stream, which keeps messages `stream_age` seconds, with the one its outbox was sent to."""

    engine: Engine
    bus: Bus
    stream_age: float

    async def check(self) -> int:
        """Make the whole outbox unsent if its stream has lost what it held; how often that has been so.

        Raises:
            Unavailable: the database or the bus is away.
            nats.errors.Error: JetStream does not answer.
        """
        known = await self._known(_KNOWN)
        now = datetime.now(UTC)
        found = await self._found()  # after the row, which only grows: so it is never behind a replica's newer look
        if known is None:
            return await self._replace()
        change = await self._change(known, found, now)
        if change is Change.LOST:
            return await self._replace()
        if change is Change.GROWN:
            await self._advance(found)
        return known.fillings

    async def _replace(self) -> int:
        async with Transaction(self.engine):
            now, found = datetime.now(UTC), await self._found()
            await self.engine.fetch(_FIRST, (self._stream, found.created, found.first_sequence, found.deleted))
            known = await self._known(_LOCK)
            if known is None or await self._change(known, found, now) is not Change.LOST:
                return known.fillings if known else 0  # another replica was first, or there was none before
            [again] = await self.engine.fetch(_AGAIN, (self.stream_age,))
            [row] = await self.engine.fetch(_REPLACE, self._row(found))
        metrics.rebuilt.inc()
        logger.warning(
            "stream {} lost what it held and is filled again: {} events are sent once more", self._stream, again["rows"]
        )
        fillings: int = row["fillings"]
        return fillings

    async def _change(self, known: Incarnation, found: Incarnation, now: datetime) -> Change:
        """What became of the stream; if its first messages are gone, whether any of them was too young for that."""
        change = found.since(known, now=now, age=timedelta(seconds=self.stream_age))
        if change is not Change.SHORTENED:
            return change
        oldest = now - timedelta(seconds=self.stream_age) * YOUNG
        empty = found.first_sequence > found.last_sequence
        first = now if empty else await self.bus.stored_at(self.engine.settings.service, found.first_sequence)
        missing = await self.engine.fetch(_MISSING, (oldest, first))
        return Change.LOST if missing else Change.GROWN

    async def _advance(self, found: Incarnation) -> None:
        await self.engine.fetch(_ADVANCE, self._row(found))

    async def _known(self, statement: str) -> _Known | None:
        rows: list[Any] = await self.engine.fetch(statement, (self._stream,))
        return convert(dict(rows[0]), _Known) if rows else None

    async def _found(self) -> Incarnation:
        info = await self.bus.ensure_stream(self.engine.settings.service)
        if info.created is None:
            raise BusUnavailable(f"JetStream does not say when {self._stream} was made")
        state = info.state
        return Incarnation(
            created=info.created,
            last_sequence=state.last_seq,
            first_sequence=max(state.first_seq, 1),
            deleted=state.num_deleted or 0,
        )

    @property
    def _stream(self) -> str:
        return stream_of(self.engine.settings.service)

    def _row(self, found: Incarnation) -> tuple[Any, ...]:
        return self._stream, found.created, found.last_sequence, found.first_sequence, found.deleted
