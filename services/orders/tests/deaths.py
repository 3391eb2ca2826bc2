"""Killing a process in the middle of a chosen write, and saying whether the write comes about.

PostgreSQL holds the write: a constraint trigger, deferred to the commit, waits for an advisory lock that the test has.
When the commit waits, everything is computed and sent, and nothing of it is to be seen yet.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import asyncpg

from conftest import System
from testkit.waiting import wait_until

LOCK = 4711


@dataclass(frozen=True)
class Write:
    """A write, by its table, its kind and the condition that singles it out among all of them."""

    table: str
    kind: str
    condition: str

    def __str__(self) -> str:
        return f"{self.kind} {self.table} {self.condition}"


def noted(action: str) -> Write:
    """The write that records how a step or a compensation went; for the last one, the order's end and event as well."""
    return Write("saga_step", "INSERT", f"NEW.action = '{action}'")


async def die_in(system: System, write: Write, asked: Coroutine[Any, Any, Any], *, written: bool) -> None:
    """Ask, kill the process while it commits this write, and start it again.

    `written` says what becomes of the commit that the process did not live to see.
    """
    connection = await asyncpg.connect(**system.database.connect_arguments())
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(_trap(write))
        asking = asyncio.create_task(asked)
        backend = await wait_until(lambda: _waiting(connection), what=f"a commit of: {write}")
        system.server.kill()
        with suppress(aiohttp.ClientError):
            await asking
        if not written:
            await connection.execute("SELECT pg_terminate_backend($1)", backend)
            await wait_until(lambda: _gone(connection, backend), what="the end of the commit")
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
        await wait_until(lambda: _gone(connection, backend), what="the end of the connection")
        await connection.execute("DROP FUNCTION wait_here CASCADE")
    finally:
        await connection.close()
    system.world.heal()
    await asyncio.to_thread(system.server.start)


def _trap(write: Write) -> str:
    return f"""
        CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_advisory_xact_lock({LOCK}); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER wait_here AFTER {write.kind} ON {write.table} DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN ({write.condition}) EXECUTE FUNCTION wait_here();
    """


async def _waiting(connection: Any) -> int | None:
    """The backend that waits for the lock."""
    found: int | None = await connection.fetchval(
        "SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid) "
        "WHERE locktype = 'advisory' AND objid = $1 AND NOT granted AND datname = current_database()",
        LOCK,
    )
    return found


async def _gone(connection: Any, backend: int) -> bool:
    return not await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", backend)
