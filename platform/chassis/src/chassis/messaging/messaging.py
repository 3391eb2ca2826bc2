"""The messaging of a process: its relay, its feeds and its dead letters, started and stopped together."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from nats.errors import Error as NatsError

from chassis.errors import ConfigurationError, Unavailable
from chassis.lifecycle import Background, keep_running
from chassis.messaging.bus import Bus
from chassis.messaging.consumer import Consumer
from chassis.messaging.dead_letters import DeadLetters
from chassis.messaging.delivery import Delivery, Handling, Outcome
from chassis.messaging.feed import Backlog, Feed
from chassis.messaging.relay import Relay
from chassis.messaging.replays import Replays
from chassis.messaging.retention import Retention
from chassis.messaging.settings import MessagingSettings
from chassis.persistence.database import Database


class Messaging:
    """Sends the service's events and handles those of others. Needs a started database."""

    def __init__(
        self,
        url: str,
        database: Database,
        consumers: Sequence[Consumer[Any]] = (),
        settings: MessagingSettings | None = None,
    ) -> None:
        """Prepare it.

        Raises:
            ConfigurationError: two consumers of one event type.
        """
        settings = settings or MessagingSettings()
        engine = database.engine
        self._settings = settings
        self.bus = Bus(url, database.settings.application, settings)
        self.dead_letters = DeadLetters(engine, settings.max_attempts)
        self.replays = Replays(engine)
        self._handling = Handling(engine, consumers, self.dead_letters)
        self._relay = Relay(engine, self.bus, settings)
        self._retention = Retention(engine, settings, self.dead_letters)
        self._feeds = [
            Feed(
                self.bus,
                self._handling,
                publisher=publisher,
                event_types=types,
                service=database.settings.service,
                settings=settings,
            )
            for publisher, types in _by_publisher(consumers).items()
        ]
        self._tasks: list[asyncio.Task[None]] = []
        self._relaying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to connect, send and receive; returns at once."""
        self.bus.start()
        self._relaying = _begin(Background("outbox relay", self._relay.run))
        jobs = [Background("retention", self._retention.run)]
        jobs += [Background(f"feed from {feed.publisher}", feed.run) for feed in self._feeds]
        self._tasks = [_begin(job) for job in jobs]

    async def stop(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109 - what is late is cancelled, not raised
        """Take no further message, finish those in hand, send what they published, disconnect."""
        await _end(self._tasks)
        await asyncio.gather(*(feed.finish(timeout) for feed in self._feeds))
        if self._relaying is not None:
            self._relay.drain()
            await asyncio.wait([self._relaying], timeout=self._settings.drain_timeout)
            await _end([self._relaying])
        await self.bus.stop()

    async def ping(self) -> None:
        """Readiness.

        Raises:
            BusUnavailable: there is no connection to NATS.
        """
        await self.bus.ping()

    async def backlog(self) -> Backlog | None:
        """What JetStream has for this service, in hand or not; None while it cannot tell."""
        found = Backlog(0, datetime.now(UTC))
        try:
            for feed in self._feeds:
                found += await feed.backlog()
        except (NatsError, Unavailable, OSError):
            return None
        return found

    async def replay(self, number: int, by: str) -> Outcome:
        """Hand a dead letter to its consumer once more, now; what succeeds, or had its effect before, is deleted.

        That `by` did so is written down, and how it ended.

        Raises:
            DeadLetterUnknown: there is no such dead letter.
            Unavailable: the database is away.
        """
        letter = await self.dead_letters.get(number)
        replay = await self.replays.begin(letter, by)
        outcome = await self._handling.handle(
            Delivery(
                subject=letter.consumer,
                payload=letter.message,
                stream=letter.stream,
                sequence=letter.stream_sequence,
                message_id=letter.event_id,
                attempt=letter.attempts + 1,
            )
        )
        await self.replays.end(replay, outcome)
        await self.dead_letters.count()
        return outcome


def _begin(job: Background) -> asyncio.Task[None]:
    return asyncio.create_task(keep_running(job), name=job.name)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: `asyncio.wait_for`, which nats-py uses, can lose a cancellation (3.11)."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)


def _by_publisher(consumers: Sequence[Consumer[Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for consumer in consumers:
        if consumer.event_type in found[consumer.publisher]:
            raise ConfigurationError(f"consumers of {consumer.event_type}", "are two", "keep one for each event type")
        found[consumer.publisher].append(consumer.event_type)
    return found
