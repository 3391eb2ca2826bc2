"""JetStream loses what it stored: the outbox fills the stream again, and no effect is had twice."""

import asyncio
import dataclasses
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messaging_probe import FAST, HAPPENED, Seen, Thing, tell

from chassis.messaging import EventTooLarge, Messaging, publish
from chassis.messaging.incarnation import YOUNG, Change, Incarnation, Incarnations
from chassis.messaging.publishing import MAX_DATA_BYTES
from chassis.persistence import Database, transaction
from chassis.tables import Outbox
from chassis.telemetry.metrics import render_metrics
from testkit import NatsServer, wait_until

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


async def unsent_is_none() -> bool:
    return await Outbox.count().where(Outbox.published_at.is_null()) == 0


def lose_everything(nats: NatsServer, tmp_path: Path) -> None:
    """What was stored is deleted under the running server, which then dies without writing anything."""
    for folder in (tmp_path / "nats").rglob("jetstream"):
        shutil.rmtree(folder, ignore_errors=True)
    nats.kill()


async def messages_in(messaging: Messaging) -> int:
    found = await messaging.bus.jetstream.stream_info("PROBE")
    return found.state.messages


async def test_a_deleted_store_is_filled_again_and_the_inbox_knows_what_it_had(
    messaging_of: Any, seen: Seen, own_nats: NatsServer, tmp_path: Path
) -> None:
    async with messaging_of(seen.consumer(), url=own_nats.url) as messaging:
        for name in "abc":
            await tell(name)
        await wait_until(lambda: len(seen.events) == 3)
        await wait_until(unsent_is_none)
        lose_everything(own_nats, tmp_path)
        await wait_until(lambda: not messaging.bus.connected)
        await tell("d")
        own_nats.start()
        await wait_until(lambda: "d" in seen.names, timeout=20)
        await wait_until(lambda: _holds(messaging, 4), timeout=20)
        await wait_until(unsent_is_none)
    assert Counter(seen.names) == Counter("abcd")


async def _holds(messaging: Messaging, count: int) -> bool:
    return await messages_in(messaging) == count


async def test_what_was_sent_and_not_yet_handled_is_not_lost_with_its_stream(
    messaging_of: Any, database: Database, seen: Seen, own_nats: NatsServer
) -> None:
    async with messaging_of(url=own_nats.url) as sender:
        await tell("unheard")
        await wait_until(unsent_is_none)
        await sender.bus.jetstream.delete_stream("PROBE")
    async with messaging_of(seen.consumer(), url=own_nats.url):
        await wait_until(lambda: seen.events, timeout=20)
    assert seen.names == ["unheard"]
    [row] = await database.engine.fetch("SELECT count(*) AS rows FROM stream_incarnation")
    assert row["rows"] == 1


async def test_of_many_replicas_one_fills_the_stream(
    messaging_of: Any, database: Database, seen: Seen, own_nats: NatsServer
) -> None:
    before = _rebuilt()
    async with messaging_of(seen.consumer(), url=own_nats.url) as first:
        for number in range(50):
            await tell(str(number))
        await wait_until(lambda: len(seen.events) == 50, timeout=20)
        await wait_until(unsent_is_none)
        others = [Messaging(own_nats.url, database, (), FAST) for _ in range(4)]
        await asyncio.gather(*(other.start() for other in others))
        await wait_until(lambda: all(other.bus.connected for other in others))
        await first.bus.jetstream.delete_stream("PROBE")
        await wait_until(lambda: _rebuilt() == before + 1, timeout=20)
        await wait_until(unsent_is_none, timeout=20)
        # A replica that looked right before another filled it sends what it takes twice, which the inbox knows.
        assert await messages_in(first) >= 50
        await asyncio.gather(*(other.stop() for other in others))
    assert len(seen.events) == 50
    assert _rebuilt() == before + 1


def _rebuilt() -> float:
    for line in render_metrics().decode().splitlines():
        if line.startswith("messaging_streams_rebuilt_total "):
            return float(line.split()[1])
    return 0.0


async def test_an_event_that_the_broker_would_not_take_is_refused_when_it_is_published(messaging_of: Any) -> None:
    with pytest.raises(EventTooLarge) as refused:
        async with messaging_of(), transaction():
            await publish(HAPPENED, Thing("x" * MAX_DATA_BYTES), subject="large")
    assert (refused.value.status, refused.value.reason) == (413, "event-too-large")
    assert await Outbox.count() == 0


async def test_an_event_of_almost_that_size_is_sent(messaging_of: Any, seen: Seen) -> None:
    async with messaging_of(seen.consumer()):
        async with transaction():
            await publish(HAPPENED, Thing("x" * (MAX_DATA_BYTES - 100)), subject="large")
        await wait_until(lambda: seen.events)


async def test_a_row_that_can_never_be_sent_is_set_aside_and_holds_nothing_up(
    messaging_of: Any, database: Database, seen: Seen
) -> None:
    large = (
        "INSERT INTO outbox (event_id, type, subject, data, traceparent, correlation_id) VALUES "
        f"(gen_random_uuid(), '{HAPPENED}', 's', '{{\"name\": \"' || repeat('x', 2000000) || '\"}}', '', 'c-1')"
    )
    await database.engine.fetch(large)
    async with messaging_of(seen.consumer()):
        await tell("small")
        await wait_until(lambda: seen.names == ["small"])

        async def set_aside() -> bool:
            [row] = await database.engine.fetch("SELECT count(*) AS rows FROM outbox WHERE refused IS NOT NULL")
            return bool(row["rows"] == 1)

        await wait_until(set_aside, timeout=20)
        await wait_until(lambda: b"outbox_refused_rows 1.0" in render_metrics(), timeout=20)


@pytest.mark.parametrize("how", ["purged", "all but one purged", "one in between deleted"])
async def test_messages_taken_from_a_living_stream_are_sent_again(
    messaging_of: Any, database: Database, seen: Seen, own_nats: NatsServer, how: str
) -> None:
    names = "abcde"
    async with messaging_of(url=own_nats.url) as sender:
        for name in names:
            await tell(name)
        await wait_until(unsent_is_none)
        await wait_until(lambda: _known_to_hold(database, 5))
        jetstream = sender.bus.jetstream
        match how:
            case "purged":
                await jetstream.purge_stream("PROBE")
            case "all but one purged":
                await jetstream.purge_stream("PROBE", keep=1)
            case _:
                await jetstream.delete_msg("PROBE", 3)
        before = _rebuilt()
        await wait_until(lambda: _rebuilt() == before + 1, timeout=20)
        await wait_until(unsent_is_none, timeout=20)
    async with messaging_of(seen.consumer(), url=own_nats.url):
        await wait_until(lambda: set(seen.names) == set(names), timeout=20)
    assert Counter(seen.names) == Counter(names)
    assert _rebuilt() == before + 1


async def _known_to_hold(database: Database, count: int) -> bool:
    """Whether the relay has seen that so many messages were stored."""
    [row] = await database.engine.fetch("SELECT last_sequence FROM stream_incarnation")
    return bool(row["last_sequence"] == count)


async def test_messages_let_go_for_their_age_are_not_sent_again(
    messaging_of: Any, database: Database, own_nats: NatsServer
) -> None:
    settings = dataclasses.replace(FAST, stream_age=2.0)
    async with messaging_of(url=own_nats.url, settings=settings) as messaging:
        incarnations = Incarnations(database.engine, messaging.bus, settings.stream_age)
        await wait_until(lambda: messaging.bus.connected)

        async def shortened() -> bool:
            await tell("more")
            assert await incarnations.check() == 0
            state = (await messaging.bus.ensure_stream("probe")).state
            return state.first_seq > 5 and state.messages > 0

        await wait_until(shortened, timeout=20)
        assert await _shortened_to(database) > 1


async def _shortened_to(database: Database) -> int:
    [row] = await database.engine.fetch("SELECT first_sequence FROM stream_incarnation")
    first: int = row["first_sequence"]
    return first


SEEN = st.builds(
    Incarnation,
    created=st.sampled_from([MOMENT, MOMENT + timedelta(seconds=1)]),
    last_sequence=st.integers(0, 10),
    first_sequence=st.integers(1, 11),
    deleted=st.integers(0, 3),
)
AGE = timedelta(days=7)


@given(SEEN, SEEN, st.timedeltas(timedelta(0), 2 * AGE))
def test_a_stream_may_grow_and_lose_only_what_is_old(known: Incarnation, now: Incarnation, later: timedelta) -> None:
    change = now.since(known, now=now.created + later, age=AGE)
    kept = now.created == known.created and now.last_sequence >= known.last_sequence and now.deleted <= known.deleted
    shortened = now.first_sequence > known.first_sequence
    old = later >= AGE * YOUNG
    assert (change is Change.LOST) == (not kept or (shortened and not old))
    assert (change is Change.SHORTENED) == (kept and shortened and old)
    same = (now.last_sequence, now.deleted) == (known.last_sequence, known.deleted)
    assert (change is Change.NONE) == (kept and not shortened and same)
