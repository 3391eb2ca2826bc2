from typing import Any

from messaging_probe import HAPPENED, Seen, tell

from chassis.tables import Outbox
from testkit import NatsServer, wait_until


async def unsent() -> int:
    return await Outbox.count().where(Outbox.published_at.is_null())


async def test_events_published_while_nats_is_away_are_sent_when_it_returns(
    messaging_of: Any, seen: Seen, own_nats: NatsServer
) -> None:
    own_nats.stop()
    async with messaging_of(seen.consumer(), url=own_nats.url) as messaging:
        await tell("a")
        assert not messaging.bus.connected
        own_nats.start()
        await wait_until(lambda: seen.events)
    assert seen.names == ["a"]


async def test_a_crash_of_nats_loses_nothing(messaging_of: Any, seen: Seen, own_nats: NatsServer) -> None:
    async with messaging_of(seen.consumer(), url=own_nats.url) as messaging:
        await tell("a")
        await wait_until(lambda: seen.events)
        own_nats.kill()
        await wait_until(lambda: not messaging.bus.connected)
        await tell("b")
        own_nats.start()
        await wait_until(lambda: len(seen.events) == 2, timeout=20)
    assert seen.names == ["a", "b"]


async def test_a_deleted_stream_is_made_again(messaging_of: Any, seen: Seen, own_nats: NatsServer) -> None:
    async with messaging_of(seen.consumer(), url=own_nats.url) as messaging:
        await tell("a")
        await wait_until(lambda: seen.events)
        await messaging.bus.jetstream.delete_stream("PROBE")
        await tell("b")
        await wait_until(lambda: len(seen.events) == 2, timeout=20)
        assert await unsent() == 0
    assert seen.names == ["a", "b"]


async def test_a_hanging_nats_does_not_hang_publishing(messaging_of: Any, seen: Seen, own_nats: NatsServer) -> None:
    async with messaging_of(seen.consumer(), url=own_nats.url):
        await tell("a")
        await wait_until(lambda: seen.events)
        own_nats.pause()
        try:
            await tell("b")
        finally:
            own_nats.resume()
        await wait_until(lambda: len(seen.events) == 2, timeout=20)
    assert seen.names == ["a", "b"]


async def test_a_consumer_that_starts_first_gets_what_is_published_later(
    messaging_of: Any, seen: Seen, own_nats: NatsServer
) -> None:
    async with messaging_of(seen.consumer(), url=own_nats.url) as messaging:
        await wait_until(lambda: messaging.bus.connected)
    await tell("while away")
    async with messaging_of(seen.consumer(), url=own_nats.url):
        await wait_until(lambda: seen.events)
    assert seen.events[0].type == HAPPENED
