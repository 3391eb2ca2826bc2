"""Messages that failed: counted, given up after enough failures, listed and replayed."""

from datetime import datetime
from typing import Any, Final

from msgspec import Struct, convert

from chassis.errors import NotFound
from chassis.messaging import metrics
from chassis.persistence.engine import Engine

MAX_DETAIL: Final = 2_000
MAX_ID: Final = 2**63 - 1
"""PostgreSQL's largest bigint."""
_COLUMNS: Final = (
    "id, consumer, event_id, stream, stream_sequence, payload, reason, detail, attempts, correlation_id, traceparent, "
    "first_failed_at, last_failed_at, dead_at"
)
_RECORD: Final = (
    "INSERT INTO dead_letter (consumer, event_id, stream, stream_sequence, payload, reason, detail, correlation_id, "
    "traceparent, attempts, dead_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, CASE WHEN $10::int <= 1 THEN now() END) "
    "ON CONFLICT (consumer, event_id) DO UPDATE SET attempts = dead_letter.attempts + 1, reason = excluded.reason, "
    "detail = excluded.detail, last_failed_at = now(), "
    "dead_at = CASE WHEN dead_letter.attempts + 1 >= $10::int THEN coalesce(dead_letter.dead_at, now()) END "
    "RETURNING dead_at IS NOT NULL AS dead"
)
_FORGET: Final = "DELETE FROM dead_letter WHERE consumer = $1 AND event_id = $2"
_LIST: Final = (
    f"SELECT {_COLUMNS} FROM dead_letter WHERE dead_at IS NOT NULL AND id > $1 "  # noqa: S608 - fixed pieces
    "AND ($3::text IS NULL OR consumer = $3) ORDER BY id LIMIT $2"
)
_GET: Final = f"SELECT {_COLUMNS} FROM dead_letter WHERE dead_at IS NOT NULL AND id = $1"  # noqa: S608
_COUNT: Final = "SELECT count(*) AS dead FROM dead_letter WHERE dead_at IS NOT NULL"


class DeadLetterUnknown(NotFound):
    """There is no dead letter of this ID, or none any more."""

    reason = "dead-letter-unknown"
    title = "Dead letter unknown"


class Failure(Struct, frozen=True, kw_only=True):
    """One failed try of a message."""

    consumer: str
    event_id: str
    stream: str
    sequence: int
    payload: bytes
    reason: str
    detail: str
    correlation_id: str
    traceparent: str


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A message given up; `consumer` is its event type, `reason` why the last try failed."""

    id: int
    consumer: str
    event_id: str
    stream: str
    stream_sequence: int
    payload: str
    reason: str
    detail: str
    attempts: int
    correlation_id: str
    traceparent: str
    first_failed_at: datetime
    last_failed_at: datetime
    dead_at: datetime

    @property
    def message(self) -> bytes:
        """The message as received."""
        return _unescape(self.payload)


class DeadLetters:
    """The dead letters of a service, in its own database."""

    def __init__(self, engine: Engine, max_attempts: int) -> None:
        self._engine = engine
        self._max_attempts = max_attempts

    async def record(self, failure: Failure) -> bool:
        """Count a failed try; whether the message is given up with it.

        Raises:
            Unavailable: the database is away.
        """
        row = (
            failure.consumer, failure.event_id, failure.stream, failure.sequence, _escape(failure.payload),
            failure.reason, _clean(failure.detail)[:MAX_DETAIL], failure.correlation_id, failure.traceparent,
            self._max_attempts,
        )  # fmt: skip
        [recorded] = await self._engine.fetch(_RECORD, row)
        dead: bool = recorded["dead"]
        if dead:
            await self.count()
        return dead

    async def forget(self, consumer: str, event_id: str) -> None:
        """Drop the count of a message that has succeeded, in the open transaction."""
        await self._engine.fetch(_FORGET, (consumer, event_id))

    async def page(self, *, after: int = 0, limit: int = 20, event_type: str | None = None) -> list[DeadLetter]:
        """Dead letters of one event type or of all, in the order of their IDs, those after the given one."""
        return [_read(row) for row in await self._engine.fetch(_LIST, (after, limit, event_type))]

    async def get(self, number: int) -> DeadLetter:
        """One dead letter.

        Raises:
            DeadLetterUnknown: there is none of this ID.
        """
        rows = await self._engine.fetch(_GET, (number,)) if 0 < number <= MAX_ID else []
        if not rows:
            raise DeadLetterUnknown(f"There is no dead letter {number}; it may have been replayed.")
        return _read(rows[0])

    async def count(self) -> int:
        """How many there are; the metric is brought up to date."""
        [row] = await self._engine.fetch(_COUNT)
        dead: int = row["dead"]
        metrics.dead_letters.set(dead)
        return dead


def _read(row: Any) -> DeadLetter:
    return convert(dict(row), DeadLetter)


def _clean(text: str) -> str:
    """PostgreSQL's text has no NUL."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()


def _escape(payload: bytes) -> str:
    """Readable where it is text; lossless for any bytes, so that a replay sends what came."""
    return payload.decode("utf-8", "surrogateescape").encode("unicode_escape").decode("ascii")


def _unescape(text: str) -> bytes:
    return text.encode("ascii").decode("unicode_escape").encode("utf-8", "surrogateescape")
