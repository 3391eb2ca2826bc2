"""Who replayed which dead letter, when, and how it ended: kept after the letter is gone."""

from datetime import datetime
from typing import Any, Final

from msgspec import Struct, convert

from chassis.correlation import correlation_id
from chassis.messaging.dead_letters import DeadLetter
from chassis.persistence.engine import Engine

_BEGIN: Final = (
    "INSERT INTO dead_letter_replay (letter, consumer, event_id, replayed_by, correlation_id) "
    "VALUES ($1, $2, $3, $4, $5) RETURNING id"
)
_END: Final = "UPDATE dead_letter_replay SET outcome = $2 WHERE id = $1"
_LIST: Final = (
    "SELECT id, letter, consumer, event_id, replayed_by, correlation_id, replayed_at, outcome "
    "FROM dead_letter_replay WHERE id > $1 ORDER BY id LIMIT $2"
)


class Replay(Struct, frozen=True, kw_only=True):
    """One replay of a dead letter; `outcome` is None while it is under way, or when the process died at it."""

    id: int
    letter: int
    consumer: str
    event_id: str
    replayed_by: str
    correlation_id: str
    replayed_at: datetime
    outcome: str | None


class Replays:
    """The replays of a service, in its own database. They are few, made by people, and never deleted."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def begin(self, letter: DeadLetter, by: str) -> int:
        """Write down, before it is done, that `by` wants it; the replay's own number.

        Raises:
            Unavailable: the database is away.
        """
        row = (letter.id, letter.consumer, letter.event_id, by, correlation_id())
        [begun] = await self._engine.fetch(_BEGIN, row)
        number: int = begun["id"]
        return number

    async def end(self, number: int, outcome: str) -> None:
        """Write down how it ended."""
        await self._engine.fetch(_END, (number, outcome))

    async def page(self, *, after: int = 0, limit: int = 20) -> list[Replay]:
        """Replays in the order in which they were begun, those after the given one."""
        rows: list[Any] = await self._engine.fetch(_LIST, (after, limit))
        return [convert(dict(row), Replay) for row in rows]
