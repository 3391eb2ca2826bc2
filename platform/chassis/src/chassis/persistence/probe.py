"""Readiness of the database, asked on a connection of its own."""

from contextlib import suppress
from typing import Any

import asyncpg

from chassis.persistence.errors import translate
from chassis.persistence.settings import DatabaseSettings


class Probe:
    """One connection beside the pool, opened when first asked and again after it broke.

    On a pooled one, readiness would fail whenever requests hold every connection: busy would look like down, and the
    replica that works hardest would be taken out first.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        self._connection: Any = None

    async def ask(self) -> None:
        """One round trip.

        Raises:
            Unavailable: the database cannot be reached.
        """
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(**self._settings.connect_arguments())
            await self._connection.execute("SELECT 1")
        except BaseException as error:
            # Also where the asker lost patience: what became of the round trip is not known.
            self.close()
            if isinstance(error, Exception):
                raise translate(error) or error from error
            raise

    def close(self) -> None:
        """Let go of the connection, whatever it is doing."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, asyncpg.InterfaceError):
                connection.terminate()
