"""The messaging of a process: its relay, its feeds and its dead letters, started and stopped together."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from chassis.errors import ConfigurationError
from chassis.messaging.bus import Bus
from chassis.messaging.consumer import Consumer
from chassis.messaging.dead_letters import DeadLetters
from chassis.messaging.delivery import Delivery, Handling, Outcome
from chassis.messaging.feed import Feed
from chassis.messaging.relay import Relay
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
        self._handling = Handling(engine, consumers, self.dead_letters)
        self._relay = Relay(engine, self.bus, settings)
        self._retention = Retention(engine, settings, self.dead_letters)
        self._feeds = [
            Feed(self.bus, self._handling, publisher, types, database.settings.service, settings)
            for publisher, types in _by_publisher(consumers).items()
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to connect, send and receive; returns at once."""
        self.bus.start()
        jobs = [("relay", self._relay.run()), ("prune", self._retention.run())]
        jobs += [(f"feed {number}", feed.run()) for number, feed in enumerate(self._feeds)]
        self._tasks = [asyncio.create_task(job, name=f"messaging {name}") for name, job in jobs]

    async def stop(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109 - what is late is cancelled, not raised
        """Take no further message, finish those in hand, send what they published, disconnect."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(feed.finish(timeout) for feed in self._feeds))
        await self._relay.drain()
        await self.bus.stop()

    async def ping(self) -> None:
        """Readiness.

        Raises:
            BusUnavailable: there is no connection to NATS.
        """
        await self.bus.ping()

    async def replay(self, number: int) -> Outcome:
        """Hand a dead letter to its consumer once more, now; a success deletes it.

        Raises:
            NotFound: there is no such dead letter.
        """
        letter = await self.dead_letters.get(number)
        return await self._handling.handle(
            Delivery(
                subject=letter.consumer,
                payload=letter.message,
                stream=letter.stream,
                sequence=letter.stream_sequence,
                message_id=letter.event_id,
                attempt=letter.attempts + 1,
            )
        )


def _by_publisher(consumers: Sequence[Consumer[Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for consumer in consumers:
        if consumer.event_type in found[consumer.publisher]:
            raise ConfigurationError(f"consumers of {consumer.event_type}", "are two", "keep one for each event type")
        found[consumer.publisher].append(consumer.event_type)
    return found
