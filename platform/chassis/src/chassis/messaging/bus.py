"""The connection to NATS: kept for ever, never waited for at start."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from loguru import logger
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import BadRequestError, NotFoundError

from chassis.errors import Unavailable
from chassis.messaging.settings import MessagingSettings

RECONNECT_WAIT_S = 0.25
DUPLICATE_WINDOW_S = 600.0
"""JetStream drops a second message of the same ID within this time; the inbox knows longer."""


class BusUnavailable(Unavailable):
    """There is no connection to NATS, or JetStream does not answer."""

    reason = "bus-unavailable"
    title = "The message bus is unavailable"


class Bus:
    """A process's connection to NATS JetStream."""

    def __init__(self, url: str, name: str, settings: MessagingSettings) -> None:
        self._url = url
        self._name = name
        self._settings = settings
        self._client = Client()
        self._connecting: asyncio.Task[None] | None = None
        self._up = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether messages can be sent now."""
        return self._client.is_connected

    @property
    def client(self) -> Client:
        """The connection itself."""
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        """JetStream over this connection."""
        return self._client.jetstream(timeout=self._settings.ack_timeout)

    def start(self) -> None:
        """Begin to connect, in the background, until it succeeds."""
        self._connecting = asyncio.create_task(self._connect(), name="connect to NATS")

    async def stop(self) -> None:
        """Close the connection."""
        if self._connecting is not None:
            self._connecting.cancel()
            with suppress(asyncio.CancelledError):
                await self._connecting
        if not self._client.is_closed:
            await self._client.close()

    async def wait_connected(self) -> None:
        """Return when there is a connection."""
        while not self.connected:
            self._up.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._up.wait()

    async def ping(self) -> None:
        """Readiness.

        Raises:
            BusUnavailable: there is no connection.
        """
        if not self.connected:
            raise BusUnavailable("not connected to NATS")

    async def store(self, subject: str, payload: bytes, headers: Mapping[str, str]) -> None:
        """Send a message and return when JetStream has stored it.

        Raises:
            BusUnavailable: no connection; nothing is queued for later.
            nats.errors.Error: JetStream did not acknowledge it in time, or refused it.
        """
        if not self.connected:
            raise BusUnavailable("not connected to NATS")
        await self.jetstream.publish(subject, payload, headers=dict(headers))

    async def ensure_stream(self, publisher: str) -> StreamInfo:
        """Make the stream of a service's events, if there is none; what JetStream says of it."""
        config = StreamConfig(
            name=stream_of(publisher),
            subjects=[subjects_of(publisher)],
            storage=StorageType.FILE,
            discard=DiscardPolicy.OLD,
            max_age=self._settings.stream_age,
            duplicate_window=min(DUPLICATE_WINDOW_S, self._settings.stream_age),
        )
        try:
            return await self.jetstream.stream_info(stream_of(publisher))
        except NotFoundError:
            return await self._create_stream(config)

    async def stored_at(self, publisher: str, sequence: int) -> datetime:
        """When the first message from this sequence number on was stored in the stream of a service's events.

        Raises:
            BusUnavailable: JetStream does not say.
            nats.errors.Error: there is none, or JetStream does not answer.
        """
        found = await self.jetstream.get_msg(
            stream_of(publisher), seq=sequence, subject=subjects_of(publisher), next=True
        )
        if found.time is None:
            raise BusUnavailable(f"JetStream does not say when message {sequence} of {publisher} was stored")
        return found.time

    async def _create_stream(self, config: StreamConfig) -> StreamInfo:
        try:
            made = await self.jetstream.add_stream(config)
        except BadRequestError:  # another process was first
            return await self.jetstream.stream_info(config.name or "")
        logger.info("stream {} made", config.name)
        return made

    async def ensure_consumer(self, publisher: str, service: str, event_types: list[str]) -> None:
        """Make the durable consumer of one service on another's stream, or bring its event types up to date."""
        await self.ensure_stream(publisher)
        config = ConsumerConfig(
            name=service,
            durable_name=service,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self._settings.ack_wait,
            max_deliver=-1,
            max_ack_pending=1_000,
            filter_subjects=sorted(event_types),
        )
        await self.jetstream.add_consumer(stream_of(publisher), config)

    async def _connect(self) -> None:
        while True:
            try:
                await self._client.connect(
                    self._url,
                    name=self._name,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type]  # a fraction works as well
                    connect_timeout=1,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    error_cb=self._on_error,
                    disconnected_cb=self._on_disconnect,
                    reconnected_cb=self._on_reconnect,
                )
            except (OSError, NatsError, TimeoutError) as error:
                logger.warning("no connection to NATS at {}: {}", self._url, named(error))
                await asyncio.sleep(RECONNECT_WAIT_S)
            else:
                self._up.set()
                return

    async def _on_error(self, error: Exception) -> None:
        logger.debug("NATS: {}", named(error))

    async def _on_disconnect(self) -> None:
        logger.warning("connection to NATS lost")

    async def _on_reconnect(self) -> None:
        logger.info("connected to NATS again")
        self._up.set()


def named(error: BaseException) -> str:
    """The error in words; several of nats-py's say nothing of themselves."""
    return str(error) or type(error).__name__


def subjects_of(publisher: str) -> str:
    """What the subjects of all of a service's events match."""
    return f"{publisher}.>"


def stream_of(publisher: str) -> str:
    """The name of the stream that holds a service's events."""
    return publisher.upper()
