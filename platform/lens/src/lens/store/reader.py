"""Reads: a few read-only connections, used in threads, each query bounded in time."""

import asyncio
import queue
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lens.store.schema import open_reader

Result = TypeVar("Result")
_CONNECTIONS = 4
_CHECK_EVERY_INSTRUCTIONS = 100_000


class QueryTimeoutError(Exception):
    """A query took longer than it may."""


class Reader:
    """Runs read functions on read-only connections outside the event loop."""

    def __init__(self, path: Path, timeout_seconds: float) -> None:
        self._path = path
        self._timeout = timeout_seconds
        self._idle: queue.LifoQueue[sqlite3.Connection | None] = queue.LifoQueue()
        for _ in range(_CONNECTIONS):
            self._idle.put(None)

    async def run(self, read: Callable[[sqlite3.Connection], Result]) -> Result:
        """Call `read` with a connection in a thread; raises QueryTimeoutError past the time limit."""
        return await asyncio.to_thread(self._run, read)

    def _run(self, read: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            connection = self._idle.get(timeout=self._timeout)
        except queue.Empty:
            raise QueryTimeoutError("too many queries are running; try again") from None
        try:
            connection = connection or open_reader(self._path)
            deadline = time.monotonic() + self._timeout
            connection.set_progress_handler(lambda: time.monotonic() > deadline, _CHECK_EVERY_INSTRUCTIONS)
            return read(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname == "SQLITE_INTERRUPT":
                raise QueryTimeoutError(f"the query took over {self._timeout:g} s; narrow its time range") from error
            raise
        finally:
            self._idle.put(connection)

    def close(self) -> None:
        """Close the idle connections."""
        while not self._idle.empty():
            if connection := self._idle.get_nowait():
                connection.close()
