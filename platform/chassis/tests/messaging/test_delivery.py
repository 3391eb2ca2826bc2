# ruff: noqa: PT012 - what must raise is the whole transaction
import asyncio
import json
from typing import Any

import nats as nats_client
import pytest
from messaging_probe import FAST, HAPPENED, Seen, Thing, tell

from chassis.correlation import bind_correlation_id
from chassis.errors import Unavailable
from chassis.messaging import Event, UndeclaredEvent, consumer, publish
from chassis.persistence import Database, NoTransaction, transaction
from chassis.tables import DeadLetter, Inbox, Outbox
from chassis.telemetry import render_metrics
from testkit import NatsServer, wait_until


async def test_a_published_event_arrives_whole(messaging_of: Any, seen: Seen) -> None:
    async with messaging_of(seen.consumer()):
        with bind_correlation_id("correlation-1"):
            event_id = await tell("a")
        await wait_until(lambda: seen.events)
    [event] = seen.events
    assert (event.id, event.type, event.subject, event.data) == (event_id, HAPPENED, "thing-a", Thing("a"))
    assert (event.source, event.correlation_id) == ("urn:pharos:service:probe", "correlation-1")


async def test_a_rolled_back_event_is_never_sent(messaging_of: Any, seen: Seen) -> None:
    async with messaging_of(seen.consumer()):
        with pytest.raises(LookupError):
            async with transaction():
                await publish(HAPPENED, Thing("lost"), subject="s")
                raise LookupError
        await tell("kept")
        await wait_until(lambda: seen.events)
    assert seen.names == ["kept"]


@pytest.mark.usefixtures("database")
async def test_publishing_needs_a_transaction_and_a_type_of_ones_own() -> None:
    with pytest.raises(NoTransaction):
        await publish(HAPPENED, Thing("a"), subject="s")
    for wrong in ("other.thing.happened.v1", "probe.thing", "probe.thing.happened"):
        with pytest.raises(UndeclaredEvent):
            async with transaction():
                await publish(wrong, Thing("a"), subject="s")


async def test_the_document_on_the_wire_is_a_cloudevent(messaging_of: Any) -> None:
    async with messaging_of() as messaging:
        event_id = await tell("a")
        await wait_until(lambda: Outbox.exists().where(Outbox.published_at.is_not_null()))
        message = await messaging.bus.jetstream.get_last_msg("PROBE", HAPPENED)
    document = json.loads(message.data)
    assert document["specversion"] == "1.0"
    assert document["dataschema"] == f"urn:pharos:event:{HAPPENED}"
    assert document["data"] == {"name": "a"}
    assert message.headers == {"Nats-Msg-Id": event_id, "Content-Type": "application/cloudevents+json"}


async def test_a_second_delivery_has_no_second_effect(messaging_of: Any, seen: Seen, nats: NatsServer) -> None:
    async with messaging_of(seen.consumer()) as messaging:
        await tell("a")
        await wait_until(lambda: seen.events)
        message = await messaging.bus.jetstream.get_last_msg("PROBE", HAPPENED)
        client = await nats_client.connect(nats.url)
        await client.jetstream().publish(HAPPENED, message.data)
        await client.close()
        await tell("b")
        await wait_until(lambda: len(seen.events) == 2)
    assert seen.names == ["a", "b"]
    assert await Inbox.count() == 2


async def test_the_effect_and_the_inbox_are_one_transaction(messaging_of: Any, seen: Seen) -> None:
    seen.failures = [ValueError("once")]
    async with messaging_of(seen.consumer()):
        await tell("a")
        await wait_until(lambda: seen.events)
    assert seen.calls == 2
    assert await Inbox.count() == 1
    assert await DeadLetter.count() == 0


async def test_a_message_that_always_fails_becomes_a_dead_letter(messaging_of: Any, seen: Seen) -> None:
    seen.failures = [ValueError(f"try {number}") for number in range(50)]
    async with messaging_of(seen.consumer()) as messaging:
        event_id = await tell("a")
        [letter] = await wait_until(messaging.dead_letters.page)
        calls = seen.calls
        await asyncio.sleep(0.3)
    assert seen.calls == calls == FAST.max_attempts
    assert (letter.event_id, letter.reason, letter.detail) == (event_id, "handler-failed", "ValueError: try 2")
    assert await Inbox.count() == 0


async def test_a_dead_letter_can_be_replayed(messaging_of: Any, seen: Seen) -> None:
    seen.failures = [ValueError("no")] * 4
    async with messaging_of(seen.consumer()) as messaging:
        await tell("a")
        [letter] = await wait_until(messaging.dead_letters.page)
        await wait_until(lambda: b"messaging_dead_letters 1.0" in render_metrics())
        assert await messaging.replay(letter.id, "operator") == "dead"
        assert await messaging.replay(letter.id, "operator") == "done"
        assert await messaging.dead_letters.page() == []
        assert b"messaging_dead_letters 0.0" in render_metrics()
        replays = await messaging.replays.page()
    assert seen.names == ["a"]
    assert [(one.letter, one.event_id, one.replayed_by, one.outcome) for one in replays] == [
        (letter.id, letter.event_id, "operator", "dead"),
        (letter.id, letter.event_id, "operator", "done"),
    ]


async def test_a_replay_of_what_had_its_effect_has_none_and_clears_the_list(
    messaging_of: Any, database: Database, seen: Seen
) -> None:
    seen.failures = [ValueError("no")] * 3
    async with messaging_of(seen.consumer()) as messaging:
        event_id = await tell("a")
        [letter] = await wait_until(messaging.dead_letters.page)
        await database.engine.fetch("INSERT INTO inbox (consumer, event_id) VALUES ($1, $2)", (HAPPENED, event_id))
        assert await messaging.replay(letter.id, "operator") == "duplicate"
        assert await messaging.dead_letters.page() == []
        [replay] = await messaging.replays.page()
    assert seen.events == []
    assert replay.outcome == "duplicate"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{", "malformed-json"),
        (b"\xff\x00", "malformed-json"),
        (b'{"id": "event-1"}', "schema-mismatch"),
        (
            b'{"id":"e","source":"s","type":"t","subject":"s","time":"2026-01-01T00:00:00Z","data":{"name":1}}',
            "schema-mismatch",
        ),
    ],
)
async def test_an_unreadable_message_becomes_a_dead_letter_and_blocks_nothing(
    messaging_of: Any, seen: Seen, payload: bytes, reason: str
) -> None:
    async with messaging_of(seen.consumer()) as messaging:
        await tell("before")
        await wait_until(lambda: seen.events)
        await messaging.bus.jetstream.publish(HAPPENED, payload)
        await tell("after")
        [letter] = await wait_until(messaging.dead_letters.page)
        await wait_until(lambda: len(seen.events) == 2)
    assert (letter.reason, letter.message) == (reason, payload)


async def test_an_outage_is_waited_out_however_often(messaging_of: Any, seen: Seen) -> None:
    seen.failures = [Unavailable("away"), TimeoutError(), ConnectionRefusedError()] * 4
    async with messaging_of(seen.consumer()):
        await tell("a")
        await wait_until(lambda: seen.events, timeout=20)
    assert seen.calls == 13
    assert await DeadLetter.count() == 0


async def test_outages_do_not_count_as_failures(messaging_of: Any, seen: Seen) -> None:
    seen.failures = [Unavailable("away")] * 5 + [ValueError("bug")] * 2
    async with messaging_of(seen.consumer()):
        await tell("a")
        await wait_until(lambda: seen.events, timeout=20)
    assert await DeadLetter.count() == 0


async def test_two_replicas_share_the_work(messaging_of: Any, seen: Seen) -> None:
    other = Seen()
    async with messaging_of(seen.consumer()), messaging_of(other.consumer()):
        await asyncio.gather(*(tell(str(number)) for number in range(60)))
        await wait_until(lambda: len(seen.events) + len(other.events) >= 60)
        await asyncio.sleep(0.2)
    assert sorted(map(int, seen.names + other.names)) == list(range(60))


async def test_stopping_finishes_the_handler_in_hand(messaging_of: Any) -> None:
    began, done = asyncio.Event(), []

    @consumer(HAPPENED, data=Thing)
    async def slow(event: Event[Thing]) -> None:
        began.set()
        await asyncio.sleep(0.3)
        done.append(event.id)

    async with messaging_of(slow):
        await tell("a")
        await began.wait()
    assert len(done) == 1
    assert await Inbox.count() == 1


async def test_stopping_sends_what_was_just_published(messaging_of: Any) -> None:
    for number in range(5):
        async with messaging_of() as messaging:
            await wait_until(lambda bus=messaging.bus: bus.connected)
            await asyncio.gather(*(tell(f"{number}-{other}") for other in range(20)))
        assert await Outbox.count().where(Outbox.published_at.is_null()) == 0


async def all_published() -> bool:
    return not await Outbox.exists().where(Outbox.published_at.is_null())


async def test_old_rows_are_pruned_and_young_ones_kept(messaging_of: Any, seen: Seen) -> None:
    async with messaging_of(seen.consumer()) as messaging:
        await asyncio.gather(*(tell(str(number)) for number in range(4)))
        await wait_until(lambda: len(seen.events) == 4)
        await wait_until(all_published)
        await Outbox.raw("UPDATE outbox SET published_at = now() - interval '8 days' WHERE position % 2 = 0")
        await Outbox.raw("UPDATE outbox SET published_at = NULL WHERE position = 1")
        await Inbox.raw("UPDATE inbox SET handled_at = now() - interval '16 days' WHERE id % 2 = 0")
        deleted = await messaging._retention.prune()
    assert (deleted["outbox"], deleted["inbox"]) == (2, 2)
    assert (await Outbox.count(), await Inbox.count()) == (2, 2)
