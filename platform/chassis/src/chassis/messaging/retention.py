"""Deleting what is kept long enough, a little at a time."""

import asyncio
from collections.abc import Mapping
from typing import Final

from loguru import logger

from chassis.errors import Unavailable
from chassis.messaging.dead_letters import DeadLetters
from chassis.messaging.settings import MessagingSettings
from chassis.persistence.engine import Engine

BATCH: Final = 5_000
_OLD: Final[Mapping[str, str]] = {
    "outbox": "DELETE FROM outbox WHERE position IN (SELECT position FROM outbox "
    "WHERE published_at < now() - $1 * interval '1 second' LIMIT $2) RETURNING 1",
    "inbox": "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox "
    "WHERE handled_at < now() - $1 * interval '1 second' LIMIT $2) RETURNING 1",
    "idempotency_key": "DELETE FROM idempotency_key WHERE id IN (SELECT id FROM idempotency_key "
    "WHERE expires_at < now() - $1 * interval '1 second' LIMIT $2) RETURNING 1",
}


class Retention:
    """Prunes the tables of chassis in a service's database."""

    def __init__(self, engine: Engine, settings: MessagingSettings, dead_letters: DeadLetters) -> None:
        self._engine = engine
        self._settings = settings
        self._dead_letters = dead_letters

    async def run(self) -> None:
        """Prune for ever, at intervals."""
        while True:
            try:
                await self._dead_letters.count()
                await self.prune()
            except Unavailable as error:
                logger.warning("pruning waits: {}", error)
            await asyncio.sleep(self._settings.prune_interval)

    async def prune(self) -> dict[str, int]:
        """Delete what is too old; rows deleted, by table.

        Raises:
            Unavailable: the database is away.
        """
        ages = {"outbox": self._settings.keep_sent, "inbox": self._settings.keep_handled, "idempotency_key": 0.0}
        return {table: await self._delete(table, age) for table, age in ages.items()}

    async def _delete(self, table: str, age: float) -> int:
        deleted = 0
        while gone := len(await self._engine.fetch(_OLD[table], (age, BATCH))):
            deleted += gone
        return deleted
