"""The pool of connections, on a real server."""

import asyncio
import contextlib
import functools

import asyncpg
import pytest

from chassis.persistence import DatabaseSettings
from chassis.persistence.metrics import PoolState
from chassis.persistence.pool import Pool, PoolClosed


@pytest.fixture
def pool(database_settings: DatabaseSettings) -> Pool:
    return Pool(functools.partial(asyncpg.connect, **database_settings.connect_arguments()), size=2, patience=0.2)


async def test_the_connection_used_last_is_used_next(pool: Pool) -> None:
    first, second = await pool.acquire(), await pool.acquire()
    pool.release(second)
    pool.release(first)
    assert await pool.acquire() is first
    assert pool.state == PoolState(used=1, idle=1, maximum=2)


async def test_who_waits_longest_is_served_first(pool: Pool) -> None:
    held = [await pool.acquire(), await pool.acquire()]
    waiting = [asyncio.create_task(pool.acquire()) for _ in range(2)]
    await asyncio.sleep(0)
    for connection in held:
        pool.release(connection)
    assert [await task for task in waiting] == held


async def test_waiting_ends_and_takes_nothing_away(pool: Pool) -> None:
    held = [await pool.acquire(), await pool.acquire()]
    with pytest.raises(TimeoutError):
        await pool.acquire()
    waiting = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    pool.release(held[0])
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    assert await pool.acquire() is held[0]


async def test_a_connection_that_is_gone_leaves_its_place_to_who_waits(pool: Pool) -> None:
    held = [await pool.acquire(), await pool.acquire()]
    waiting = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    held[0].terminate()
    pool.release(held[0])
    fresh = await waiting
    assert fresh not in held
    assert await fresh.fetchval("SELECT 1") == 1


async def test_an_idle_connection_that_broke_is_not_given_out(pool: Pool) -> None:
    broken = await pool.acquire()
    pool.release(broken)
    broken.terminate()
    assert await (await pool.acquire()).fetchval("SELECT 1") == 1
    assert pool.state.used == 1


async def test_a_failed_attempt_to_connect_takes_no_place() -> None:
    async def refuse() -> None:
        raise ConnectionRefusedError

    pool = Pool(refuse, size=1, patience=0.2)
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await pool.acquire()


async def test_a_statement_that_was_given_up_ends_before_its_connection_is_used_again(pool: Pool) -> None:
    connection = await pool.acquire()
    await connection.execute("BEGIN")
    task = asyncio.create_task(connection.execute("SELECT pg_sleep(30)"))
    await asyncio.sleep(0.05)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    pool.release(connection, doubtful=True)
    other = await pool.acquire()
    assert await pool.acquire() is connection
    assert not connection.is_in_transaction()
    assert other is not connection


async def test_closing_waits_for_what_is_in_use_and_then_cuts_it(pool: Pool) -> None:
    returned, kept = await pool.acquire(), await pool.acquire()
    closing = asyncio.create_task(pool.close(0.2))
    await asyncio.sleep(0)
    pool.release(returned)
    with pytest.raises(PoolClosed):
        await pool.acquire()
    await closing
    assert returned.is_closed()
    assert kept.is_closed()
    assert pool.state.used == 1
    pool.release(kept)
    assert pool.state == PoolState(used=0, idle=0, maximum=2)
