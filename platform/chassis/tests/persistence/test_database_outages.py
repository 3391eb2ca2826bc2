# ruff: noqa: PT012 - what must raise is the whole transaction
import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from chassis.environment import Secret
from chassis.errors import Unavailable
from chassis.persistence import Database, DatabaseContention, DatabaseSettings, DatabaseUnavailable, transaction
from chassis.persistence.errors import translate
from testkit import PostgresServer, free_port, wait_until


@pytest.fixture
async def own_database(own_postgres: PostgresServer) -> AsyncIterator[Database]:
    settings = DatabaseSettings.from_url(own_postgres.url(), Secret(own_postgres.password), service="probe")
    async with Database(settings) as database:
        yield database


async def answers(database: Database) -> bool:
    try:
        await database.ping()
    except Unavailable:
        return False
    return True


async def test_a_database_that_is_away_at_start_is_found_when_it_comes(own_postgres: PostgresServer) -> None:
    own_postgres.stop()
    settings = DatabaseSettings.from_url(own_postgres.url(), Secret(own_postgres.password), service="probe")
    async with Database(settings) as database:
        with pytest.raises(DatabaseUnavailable):
            await database.ping()
        own_postgres.start()
        assert await wait_until(lambda: answers(database))


async def test_a_crash_of_the_database_is_an_outage_and_passes(
    own_database: Database, own_postgres: PostgresServer
) -> None:
    assert await answers(own_database)
    own_postgres.kill()
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            await own_database.ping()
    own_postgres.start()
    assert await wait_until(lambda: answers(own_database))


async def test_a_crash_inside_a_transaction_is_an_outage(own_database: Database, own_postgres: PostgresServer) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with transaction() as opened:
            own_postgres.kill()
            await opened.engine.fetch("SELECT 1")
    state = own_database.engine.pool_state()
    assert state is not None
    assert state.used == 0


async def test_a_statement_that_takes_too_long_is_an_outage(database_settings: DatabaseSettings) -> None:
    async with Database(dataclasses.replace(database_settings, statement_timeout=0.1)) as hurried:
        with pytest.raises(DatabaseUnavailable, match="57014"):
            await hurried.engine.fetch("SELECT pg_sleep(5)")
        assert await answers(hurried)


async def test_a_full_pool_is_an_outage_after_a_bounded_wait(database: Database) -> None:
    held = [await database.engine.acquire() for _ in range(database.settings.pool_size)]
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable):
        await database.engine.fetch("SELECT 1")
    assert time.monotonic() - began < database.settings.acquire_timeout + 1
    for connection in held:
        await database.engine.release(connection)
    assert await answers(database)


async def test_a_port_where_nothing_is_answers_at_once() -> None:
    settings = DatabaseSettings.from_url(f"postgresql://u@127.0.0.1:{free_port()}/d", None, service="probe")
    began = time.monotonic()
    async with Database(settings) as database:
        with pytest.raises(DatabaseUnavailable):
            await database.ping()
    assert time.monotonic() - began < 1


async def test_a_deadlock_is_contention(database: Database) -> None:
    await database.engine.fetch("CREATE TABLE cell (id int primary key, value int)")
    await database.engine.fetch("INSERT INTO cell VALUES (1, 0), (2, 0)")
    both_hold_one = asyncio.Barrier(2)

    async def cross(first: int, second: int) -> None:
        async with transaction() as opened:
            await opened.engine.fetch("UPDATE cell SET value = 1 WHERE id = $1", (first,))
            await both_hold_one.wait()
            await opened.engine.fetch("UPDATE cell SET value = 1 WHERE id = $1", (second,))

    outcomes = await asyncio.gather(cross(1, 2), cross(2, 1), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DatabaseContention", "NoneType"]


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.InterfaceError("pool is closed"),
        asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
    ],
)
def test_lost_connections_are_outages(error: Exception) -> None:
    assert isinstance(translate(error), DatabaseUnavailable)


@pytest.mark.parametrize("state", ["08006", "53300", "57P01", "57P03", "57014", "28P01", "3D000", "58030"])
def test_a_server_that_cannot_answer_is_an_outage(state: str) -> None:
    assert isinstance(translate(asyncpg.PostgresError.new({"C": state, "M": "x"})), DatabaseUnavailable)


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
def test_losing_against_others_is_contention(state: str) -> None:
    assert isinstance(translate(asyncpg.PostgresError.new({"C": state, "M": "x"})), DatabaseContention)


@pytest.mark.parametrize("state", ["42P01", "42703", "22P02", "42501"])
def test_a_defect_of_the_code_stays_what_it_is(state: str) -> None:
    assert translate(asyncpg.PostgresError.new({"C": state, "M": "x"})) is None


async def test_a_busy_pool_is_not_a_database_gone(own_database: Database, own_postgres: PostgresServer) -> None:
    held = [await own_database.engine.acquire() for _ in range(own_database.settings.pool_size)]
    try:
        async with asyncio.timeout(1):
            assert await answers(own_database)
        own_postgres.kill()
        assert not await answers(own_database)
    finally:
        for connection in held:
            await own_database.engine.release(connection)
    own_postgres.start()
    assert await wait_until(lambda: answers(own_database))
