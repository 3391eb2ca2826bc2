"""Connections kept open between statements.

asyncpg's own pool starts a task to give a connection back, a timer to get one and another to watch it rest: together
more than a small statement costs. No code of ours changes the state of a session, so that nothing has to be reset here.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import asyncpg

from chassis.persistence.metrics import PoolState

REST_S: Final = 300.0
"""A connection that nobody needed for this long is closed."""
SETTLE_S: Final = 5.0
"""What a connection has to become usable again after a statement on it was given up."""
Connect = Callable[[], Awaitable[Any]]


class PoolClosed(asyncpg.InterfaceError):
    """The pool is closed: the process is starting or stopping."""


class Pool:
    """At most so many connections: the one used last is used next, and who waits longest is served first."""

    def __init__(self, connect: Connect, size: int, patience: float) -> None:
        """Open none yet; `connect` opens one, `patience` is how long, in seconds, to wait for one to become free."""
        self._connect = connect
        self._size = size
        self._patience = patience
        self._idle: deque[tuple[Any, float]] = deque()
        self._used: set[Any] = set()
        self._open = 0
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._settling: set[asyncio.Task[None]] = set()
        self._closed = False
        self._empty = asyncio.Event()
        self._rest: asyncio.TimerHandle | None = None

    @property
    def state(self) -> PoolState:
        """The connections now."""
        idle = len(self._idle)
        return PoolState(self._open - idle, idle, self._size)

    async def acquire(self) -> Any:
        """A connection; give it back with `release`.

        Raises:
            PoolClosed: there are none to be had any more.
            TimeoutError: all stayed in use.
        """
        if self._closed:
            raise PoolClosed("the pool is closed")
        while self._idle:
            connection, _ = self._idle.pop()
            if not connection.is_closed():
                self._used.add(connection)
                return connection
            self._open -= 1
        if self._open < self._size:
            self._open += 1
            return await self._new()
        return await self._wait() or await self._new()

    def release(self, connection: Any, *, doubtful: bool = False) -> None:
        """Give a connection back; `doubtful` where a statement on it may still be running."""
        if not connection.is_closed() and not self._closed and (doubtful or connection.is_in_transaction()):
            task = asyncio.create_task(self._settle(connection), name="settle a database connection")
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)
            return
        self._used.discard(connection)
        if self._closed and not connection.is_closed():
            connection.terminate()
        if connection.is_closed():
            self._give_room()
        else:
            self._give(connection)

    async def close(self, patience: float) -> None:
        """Close all; those still in use after `patience` seconds are cut."""
        self._closed = True
        if self._rest is not None:
            self._rest.cancel()
        while self._waiting:
            if not (waiter := self._waiting.popleft()).done():
                waiter.set_exception(PoolClosed("the pool is closed"))
        idle = [connection for connection, _ in self._idle]
        self._idle.clear()
        self._open -= len(idle)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await asyncio.gather(*(each.close() for each in idle), return_exceptions=True)
                if self._open:
                    await self._empty.wait()
        for connection in (*idle, *self._used):
            connection.terminate()

    async def _new(self) -> Any:
        """Open a connection in a place that is taken already."""
        try:
            connection = await self._connect()
        except BaseException:
            self._give_room()
            raise
        if self._closed:
            connection.terminate()
            self._give_room()
            raise PoolClosed("the pool is closed")
        self._used.add(connection)
        return connection

    async def _wait(self) -> Any:
        """A connection that somebody gives back, or None for the place of one that is gone."""
        waiter: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self._patience):
                return await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:  # given in the last moment
                self._give_room() if waiter.result() is None else self.release(waiter.result())
            raise

    def _give(self, connection: Any) -> None:
        if (waiter := self._next()) is not None:
            self._used.add(connection)
            waiter.set_result(connection)
            return
        loop = asyncio.get_running_loop()
        self._idle.append((connection, loop.time()))
        if self._rest is None:
            self._rest = loop.call_later(REST_S, self._close_rested)

    def _give_room(self) -> None:
        if (waiter := self._next()) is not None:
            waiter.set_result(None)
            return
        self._open -= 1
        if not self._open:
            self._empty.set()

    def _next(self) -> asyncio.Future[Any] | None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                return waiter
        return None

    async def _settle(self, connection: Any) -> None:
        """Wait for the end of a statement that was given up, which asyncpg cancels at the server."""
        try:
            async with asyncio.timeout(SETTLE_S):
                await connection.execute("ROLLBACK")
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()
        self.release(connection)

    def _close_rested(self) -> None:
        loop = asyncio.get_running_loop()
        while self._idle and loop.time() - self._idle[0][1] >= REST_S:
            connection, _ = self._idle.popleft()
            self._open -= 1
            connection.terminate()
        self._rest = loop.call_later(REST_S, self._close_rested) if self._idle else None
