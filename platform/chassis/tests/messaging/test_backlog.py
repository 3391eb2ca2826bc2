"""What the broker has for a service, and up to when all of it was handled."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from messaging_probe import Seen, tell

from chassis.messaging import Messaging
from chassis.messaging.feed import Backlog
from chassis.tables import Outbox
from testkit import wait_until


async def backlog(messaging: Messaging) -> Backlog:
    async def told() -> Backlog | None:
        return await messaging.backlog()

    found: Backlog = await wait_until(told, timeout=10)
    return found


async def published_at(event_id: str) -> datetime | None:
    row = await Outbox.select(Outbox.published_at).where(Outbox.event_id == event_id).first()
    moment: datetime | None = row["published_at"] if row else None
    return moment


async def settled_after(messaging: Messaging, event_id: str) -> bool:
    moment = await published_at(event_id)
    return moment is not None and moment < (await backlog(messaging)).settled_until


async def test_where_nothing_waits_all_is_settled_until_now(messaging_of: Any, seen: Seen) -> None:
    async with messaging_of(seen.consumer()) as messaging:
        await backlog(messaging)  # from now on it has a consumer
        asked = datetime.now(UTC)
        found = await backlog(messaging)
        assert found.waiting == 0
        assert asked <= found.settled_until <= datetime.now(UTC)


async def test_an_event_counts_as_settled_once_it_was_handled(messaging_of: Any, seen: Seen) -> None:
    async with messaging_of(seen.consumer()) as messaging:
        handled = await tell("handled")
        await wait_until(lambda: settled_after(messaging, handled))
        seen.failures = [TimeoutError("away")] * 1_000
        waits = await tell("waits")
        await wait_until(lambda: seen.calls > 1)
        assert (await backlog(messaging)).waiting == 1
        assert await settled_after(messaging, handled)
        assert not await settled_after(messaging, waits)
        seen.failures.clear()
        await wait_until(lambda: settled_after(messaging, waits))


async def test_under_load_without_a_pause_what_was_handled_counts_as_settled(messaging_of: Any, seen: Seen) -> None:
    async with messaging_of(seen.consumer()) as messaging:
        first = await tell("first")

        async def load() -> None:
            while True:
                await tell("more")

        loading = asyncio.create_task(load())
        await wait_until(lambda: settled_after(messaging, first))
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)


async def test_a_broker_that_is_away_tells_nothing(messaging_of: Any, seen: Seen) -> None:
    async with messaging_of(seen.consumer(), url="nats://127.0.0.1:1") as messaging:
        assert await messaging.backlog() is None


async def test_a_service_that_consumes_nothing_has_nothing_to_settle(messaging_of: Any) -> None:
    async with messaging_of() as messaging:
        assert (await backlog(messaging)).waiting == 0
