"""Reads: a few read-only connections, each with a thread, each query bounded in time.

The threads are their own, so that slow reads never take those in which requests to store are decoded.
"""

import asyncio
import queue
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
        self._threads = ThreadPoolExecutor(_CONNECTIONS, "lens-reader")
        self._free = asyncio.Semaphore(_CONNECTIONS)

    async def run(self, read: Callable[[sqlite3.Connection], Result]) -> Result:
        """Call `read` with a connection in a thread; raises QueryTimeoutError past the time limit."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._free.acquire()
        except TimeoutError:
            raise QueryTimeoutError("too many queries are running; try again") from None
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, read)
        finally:
            self._free.release()

    def _run(self, read: Callable[[sqlite3.Connection], Result]) -> Result:
        connection = self._idle.get_nowait()  # one for each thread
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
        """Close the idle connections; a query that still runs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        while not self._idle.empty():
            if connection := self._idle.get_nowait():
                connection.close()
