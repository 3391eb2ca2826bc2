"""A job of messaging that meets what nobody foresaw goes on afterwards."""

from typing import Any

from loguru import logger
from messaging_probe import Seen, tell

from chassis.persistence import Database
from testkit import wait_until


async def test_the_relay_goes_on_after_an_error_nobody_foresaw(
    messaging_of: Any, database: Database, seen: Seen
) -> None:
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message}", level="ERROR")
    await database.engine.fetch("ALTER TABLE outbox RENAME TO elsewhere")
    async with messaging_of(seen.consumer()):
        await wait_until(lambda: any("outbox relay failed" in line for line in lines))
        await database.engine.fetch("ALTER TABLE elsewhere RENAME TO outbox")
        await tell("a")
        await wait_until(lambda: seen.events, timeout=20)
    logger.remove(sink)
    assert seen.names == ["a"]
