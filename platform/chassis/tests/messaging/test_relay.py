"""How the relay learns of what there is to send."""

from typing import Any

from messaging_probe import HAPPENED, Seen, tell

from chassis.messaging import MessagingSettings
from chassis.persistence import Database
from chassis.tables import Outbox
from testkit import wait_until

INSERT = "INSERT INTO outbox (event_id, type, subject, data, traceparent, correlation_id, occurred_at) VALUES "


async def unsent() -> int:
    return await Outbox.count().where(Outbox.published_at.is_null())


async def test_what_is_committed_here_is_sent_without_a_look_at_the_table(messaging_of: Any, seen: Seen) -> None:
    async with messaging_of(seen.consumer(), settings=MessagingSettings(poll_interval=3600.0)) as messaging:
        await wait_until(lambda: messaging.bus.connected)
        for name in "abc":
            await tell(name)
            await wait_until(lambda name=name: name in seen.names)
        await wait_until(unsent_is_none)
    assert seen.names == ["a", "b", "c"]


async def test_what_another_process_left_is_sent_once_it_has_had_its_time(
    messaging_of: Any, database: Database, seen: Seen
) -> None:
    values = f"(gen_random_uuid(), '{HAPPENED}', 's', '{{\"name\": \"left\"}}', '', 'c-1', now())"
    async with messaging_of(seen.consumer(), settings=MessagingSettings(poll_interval=0.2)):
        await database.engine.fetch(INSERT + values)
        await wait_until(lambda: seen.events)
        await wait_until(unsent_is_none)
    assert seen.names == ["left"]


async def test_all_that_is_left_is_sent_before_the_end(messaging_of: Any, seen: Seen) -> None:
    async with messaging_of(seen.consumer(), settings=MessagingSettings(poll_interval=3600.0)) as messaging:
        await wait_until(lambda: messaging.bus.connected)
        for number in range(300):
            await tell(str(number))
    assert await unsent() == 0


async def unsent_is_none() -> bool:
    return await unsent() == 0
