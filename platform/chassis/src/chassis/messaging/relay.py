"""Sending what the outbox holds to JetStream."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import asyncpg
from loguru import logger
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from nats.js.errors import NoStreamResponseError

from chassis.errors import Unavailable
from chassis.messaging import metrics
from chassis.messaging.bus import Bus, named, stream_of
from chassis.messaging.event import CONTENT_TYPE, encode, envelope
from chassis.messaging.incarnation import Incarnations
from chassis.messaging.publishing import COLUMNS, OUTBOX
from chassis.messaging.settings import MessagingSettings
from chassis.messaging.tracing import sending
from chassis.persistence.engine import Engine, Transaction
from chassis.telemetry import Span

SAMPLE_INTERVAL_S: Final = 5.0
OUTAGE_PAUSE_S: Final = 0.5
TOO_LARGE: Final = "too-large"
HANDED: Final = 1_000
"""Rows held in memory at most; the others are found in the table."""
_LEFT: Final = (
    "FROM outbox WHERE published_at IS NULL AND refused IS NULL AND occurred_at <= now() - $1 * interval '1 second'"
)
_ANY: Final = "SELECT 1 " + _LEFT + " LIMIT 1"
_TAKE: Final = "SELECT " + COLUMNS + " " + _LEFT + " ORDER BY position LIMIT $2 FOR UPDATE SKIP LOCKED"
_MARK: Final = (
    "WITH stream AS (SELECT 1 FROM stream_incarnation WHERE stream = $2 AND fillings = $3 FOR SHARE) "
    "UPDATE outbox SET published_at = clock_timestamp() FROM stream WHERE position = ANY($1::bigint[])"
)
"""Only while nothing of what the stream held was found lost since; else they are sent again."""
_REFUSE: Final = "UPDATE outbox SET refused = $2 WHERE position = $1"
_LAG: Final = (
    "SELECT count(*) AS rows, coalesce(extract(epoch FROM now() - min(occurred_at)), 0)::float8 AS lag "
    "FROM outbox WHERE published_at IS NULL AND refused IS NULL"
)
_REFUSED: Final = "SELECT count(*) AS rows FROM outbox WHERE published_at IS NULL AND refused IS NOT NULL"

Row = asyncpg.Record


class Relay:
    """Sends outbox rows in the order they were written; several replicas may do so side by side.

    What this process commits is handed over in memory. What nobody was handed, or could not be stored, is found by
    looking. A row is marked once JetStream has stored its message. A crash between the two sends it again under the
    same ID, which JetStream and the inbox both recognise.
    """

    def __init__(self, engine: Engine, bus: Bus, settings: MessagingSettings) -> None:
        self._engine = engine
        self._bus = bus
        self._settings = settings
        self._service = engine.settings.service
        self._handed: deque[Row] = deque(maxlen=HANDED)
        self._wake = asyncio.Event()
        self._looked_at = self._sampled_at = float("-inf")
        self._incarnations = Incarnations(engine, bus, settings.stream_age)
        self._filling: int | None = None
        self._draining = False

    async def run(self) -> None:
        """Send until told to drain. Outages of the database or the bus are waited out."""
        self._engine.takers[OUTBOX] = self._take
        try:
            while not self._draining:
                await self._turn()
            while self._bus.connected and await self.send_left():
                pass
        finally:
            self._engine.takers.pop(OUTBOX, None)

    def drain(self) -> None:
        """End `run` once what is left is sent. Cancelled before, it leaves the rest to other replicas and later."""
        self._draining = True
        self._wake.set()

    async def send_left(self, age: float = 0.0) -> int:
        """Send up to one batch of the rows that were written `age` seconds ago or earlier; how many were stored.

        Raises:
            Unavailable: the database is away.
        """
        if not await self._engine.fetch(_ANY, (age,)):
            return 0
        await self._ensure_stream()
        async with Transaction(self._engine):
            return await self._send_all(await self._engine.fetch(_TAKE, (age, self._settings.batch)))

    def _take(self, row: Row) -> None:
        self._handed.append(row)
        self._wake.set()

    async def _turn(self) -> None:
        self._wake.clear()
        try:
            await self._connected()
            await self._ensure_stream()
            more = await self._send_handed() or await self._look()
        except (Unavailable, NatsError, OSError) as error:
            self._handed.clear()
            logger.warning("the outbox waits: {}", named(error))
            await asyncio.sleep(OUTAGE_PAUSE_S)
            more = False
        if not more and not self._draining:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.poll_interval):
                    await self._wake.wait()

    async def _send_handed(self) -> bool:
        """Send what was handed over; whether there is more to do at once."""
        rows = [self._handed.popleft() for _ in range(min(len(self._handed), self._settings.batch))]
        if rows:
            await self._send_all(rows)
        return bool(self._handed)

    async def _look(self) -> bool:
        """Send what is left in the table, if it is time to look; whether there is more."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at < self._settings.poll_interval:
            return False
        more = await self.send_left(self._settings.poll_interval) == self._settings.batch
        if not more:
            self._looked_at = now
        return more

    async def _send_all(self, rows: Sequence[Row]) -> int:
        filling = self._filling or 0
        outcomes = await asyncio.gather(*(self._send(row, filling) for row in rows))
        positions = [row["position"] for row, outcome in zip(rows, outcomes, strict=True) if not outcome]
        if positions:
            await self._engine.fetch(_MARK, (positions, stream_of(self._service), filling))
        for row, outcome in zip(rows, outcomes, strict=True):
            if outcome == TOO_LARGE:
                await self._refuse(row)
        return len(positions)

    async def _send(self, row: Row, filling: int) -> str:
        """Empty once it is stored, else why it is not."""
        try:
            with sending(row["type"], row["traceparent"], row["correlation_id"], str(row["event_id"])) as span:
                await self._bus.store(row["type"], self._encode(row, span), _headers(row, filling))
        except NoStreamResponseError:
            self._filling = None
            outcome = "no-stream"
        except MaxPayloadError:
            outcome = TOO_LARGE
        except (NatsError, Unavailable, OSError) as error:
            logger.warning("event {} {} is not stored yet: {}", row["type"], row["event_id"], named(error))
            outcome = type(error).__name__
        else:
            outcome = ""
        metrics.sent.labels(row["type"], outcome).inc()
        return outcome

    async def _refuse(self, row: Row) -> None:
        """Take a row out that can never be sent, so that it is seen and holds nothing up."""
        logger.error("event {} {} can never be sent: it is larger than NATS takes", row["type"], row["event_id"])
        await self._engine.fetch(_REFUSE, (row["position"], TOO_LARGE))

    def _encode(self, row: Row, span: Span) -> bytes:
        time: datetime = row["occurred_at"]
        context: dict[str, Any] = {"correlationid": row["correlation_id"], "traceparent": span.traceparent}
        return encode(
            envelope(
                str(row["event_id"]),
                row["type"],
                service=self._service,
                subject=row["subject"],
                time=time,
                data=row["data"],
                **context,
            )
        )

    async def _ensure_stream(self) -> None:
        if self._filling is None:
            self._filling = await self._incarnations.check()

    async def _connected(self) -> None:
        """Wait for the bus, and go on telling how far behind the outbox is while it is away."""
        await self._sample()
        while not self._bus.connected:
            self._filling = None
            with suppress(TimeoutError):
                async with asyncio.timeout(SAMPLE_INTERVAL_S):
                    await self._bus.wait_connected()
            await self._sample()

    async def _sample(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._sampled_at < SAMPLE_INTERVAL_S:
            return
        self._sampled_at = now
        self._filling = None  # look whether the stream is still the same
        [row] = await self._engine.fetch(_LAG)
        metrics.outbox_rows.set(row["rows"])
        metrics.outbox_lag.set(row["lag"])
        [row] = await self._engine.fetch(_REFUSED)
        metrics.outbox_refused.set(row["rows"])


def _headers(row: Row, filling: int) -> dict[str, str]:
    """With each filling another message ID, as JetStream may still know the one of a message that it no longer has."""
    message_id = f"{row['event_id']}/{filling}" if filling else str(row["event_id"])
    return {"Nats-Msg-Id": message_id, "Content-Type": CONTENT_TYPE}
