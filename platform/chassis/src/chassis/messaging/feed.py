"""Pulling messages of one stream into their handling, as many at once as there are free hands."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from loguru import logger
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout

from chassis.errors import Unavailable
from chassis.messaging.bus import Bus, named, stream_of
from chassis.messaging.delivery import Delivery, Handling
from chassis.messaging.settings import MessagingSettings

PULL_EXPIRES_S: Final = 30.0
HEARTBEAT_S: Final = 5.0
SETUP_RETRY_S: Final = 1.0
_HEARTBEAT, _ENDED = "100", frozenset({"404", "408"})


class FeedBroken(Exception):
    """The stream or the consumer is gone, or the server has gone quiet: set up again."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What JetStream has for a service.

    Attributes:
        waiting: messages not yet delivered, or delivered and not yet answered.
        settled_until: every message that was stored before this moment has been handled or given up.
    """

    waiting: int
    settled_until: datetime

    def __add__(self, other: "Backlog") -> "Backlog":
        """That of two streams together."""
        return Backlog(self.waiting + other.waiting, min(self.settled_until, other.settled_until))


class Feed:
    """Keeps one pull request open at JetStream and handles what comes, until stopped."""

    def __init__(
        self,
        bus: Bus,
        handling: Handling,
        *,
        publisher: str,
        event_types: Sequence[str],
        service: str,
        settings: MessagingSettings,
    ) -> None:
        self._bus = bus
        self._handling = handling
        self.publisher = publisher
        self._event_types = list(event_types)
        self._service = service
        self._settings = settings
        self._free = settings.concurrency
        self._freed = asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Pull for ever, through restarts of the server and lost streams."""
        while True:
            await self._bus.wait_connected()
            try:
                await self._bus.ensure_consumer(self.publisher, self._service, self._event_types)
                await self._pull_all()
            except (NatsError, Unavailable, FeedBroken, OSError) as error:
                logger.debug("feed from {} is set up again: {}", self.publisher, named(error))
                await asyncio.sleep(SETUP_RETRY_S)

    async def backlog(self) -> Backlog:
        """What JetStream has for this service.

        Raises:
            BusUnavailable: there is no connection.
            nats.errors.Error: JetStream does not answer, or the consumer is not there.
        """
        await self._bus.ping()
        asked = datetime.now(UTC)
        found = await self._bus.jetstream.consumer_info(stream_of(self.publisher), self._service)
        waiting = (found.num_pending or 0) + (found.num_ack_pending or 0)
        if not waiting:
            return Backlog(0, asked)
        answered = found.ack_floor.stream_seq if found.ack_floor else 0
        return Backlog(waiting, await self._bus.stored_at(self.publisher, answered + 1))

    async def finish(self, timeout: float) -> None:  # noqa: ASYNC109 - what is late is cancelled, not raised
        """Wait for the messages in hand; what is not done in time is cancelled and delivered again elsewhere."""
        if not self._working:
            return
        _, late = await asyncio.wait(self._working, timeout=timeout)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _pull_all(self) -> None:
        client = self._bus.client
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox)
        try:
            while True:
                await self._wait_free()
                batch = self._free  # more may become free while the request is sent
                await self._request(inbox, batch)
                await self._receive(subscription, batch)
        finally:
            with suppress(NatsError, OSError):
                await subscription.unsubscribe()

    async def _request(self, inbox: str, batch: int) -> None:
        request = {
            "batch": batch,
            "expires": int(PULL_EXPIRES_S * 1e9),
            "idle_heartbeat": int(HEARTBEAT_S * 1e9),
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream_of(self.publisher)}.{self._service}"
        await self._bus.client.publish(subject, json.dumps(request).encode(), reply=inbox)

    async def _receive(self, subscription: Subscription, batch: int) -> None:
        """Take what one request brings, until it is used up or has expired."""
        left = batch
        while left:
            try:
                message = await subscription.next_msg(timeout=HEARTBEAT_S * 2.5)
            except NatsTimeout:
                raise FeedBroken("no heartbeat") from None
            status = (message.headers or {}).get("Status")
            if status is None:
                left -= 1
                self._begin(message)
            elif status in _ENDED:
                return
            elif status != _HEARTBEAT:
                raise FeedBroken(f"status {status} {(message.headers or {}).get('Description', '')}")

    def _begin(self, message: Msg) -> None:
        self._free -= 1
        task = asyncio.create_task(self._handle(message), name=f"handle {message.subject}")
        self._working.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._free += 1
        self._freed.set()
        if not task.cancelled() and task.exception() is not None:
            logger.opt(exception=task.exception()).error("handling a message of {} broke", self.publisher)

    async def _wait_free(self) -> None:
        while not self._free:
            self._freed.clear()
            await self._freed.wait()

    async def _handle(self, message: Msg) -> None:
        delivery = delivery_of(message)
        outcome = await self._handling.handle(delivery)
        # An answer that gets lost brings the message again, which the inbox recognises.
        with suppress(NatsError, OSError):
            if outcome.settled:
                await message.ack()
            else:
                await message.nak(self._settings.retry_delay(delivery.attempt))


def delivery_of(message: Msg) -> Delivery:
    """What the handling needs to know of a message."""
    metadata: Any = message.metadata
    return Delivery(
        subject=message.subject,
        payload=message.data,
        stream=metadata.stream,
        sequence=metadata.sequence.stream,
        message_id=(message.headers or {}).get("Nats-Msg-Id", ""),
        attempt=metadata.num_delivered,
    )
