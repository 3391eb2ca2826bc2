"""Delivery of one signal to an OTLP/HTTP backend, in the background, as the OTLP specification demands."""

import asyncio
import gzip
import random
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from loguru import logger as log

from chassis.telemetry.encoding import StaticAttributes
from chassis.telemetry.otlp import rejected
from chassis.telemetry.queue import ENCODING, PARTIAL, REFUSED, SHUTDOWN, Item, SignalQueue
from chassis.telemetry.settings import ExportSettings

if TYPE_CHECKING:
    import aiohttp

RETRYABLE: Final = frozenset({429, 502, 503, 504})
"""HTTP statuses after which the same batch is sent again (OTLP specification, "Retryable Response Codes")."""


class Answer(NamedTuple):
    """What came of sending a batch: status 0 means that nothing answered; `retry_after` is in seconds."""

    status: int
    rejected: int = 0
    retry_after: float | None = None
    detail: str = ""


class SignalExporter:
    """Takes batches from a queue and sends them until they are delivered, refused, or the process ends.

    A batch is retried without end, because the queue behind it is bounded: an outage of any length loses only what no
    longer fits.
    """

    def __init__(
        self,
        queue: SignalQueue,
        *,
        url: str,
        session: Callable[[], "aiohttp.ClientSession"],
        body: Callable[[StaticAttributes, Iterable[Item]], bytes],
        resource: StaticAttributes,
        settings: ExportSettings,
    ) -> None:
        """Deliver what enters `queue` to `url`."""
        self._queue = queue
        self._url = url
        self._session = session
        self._body = body
        self._resource = resource
        self._settings = settings
        self._failing = False
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to deliver, on the running event loop."""
        loop = asyncio.get_running_loop()
        self._queue.on_batch = lambda: _wake(loop, self._wake)
        self._task = loop.create_task(self._run(), name=f"telemetry-export-{self._queue.signal}")

    async def shutdown(self, deadline: float) -> None:
        """Deliver what is left within `deadline` seconds, then count the rest as dropped."""
        self._stopping.set()
        self._wake.set()
        if self._task is not None:
            _, unfinished = await asyncio.wait({self._task}, timeout=deadline)
            for task in unfinished:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        self._queue.on_batch = None
        self._queue.close(SHUTDOWN)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            await _wait(self._wake, self._settings.interval)
            self._wake.clear()
            await self._drain(least=1)
        await self._drain(least=1)

    async def _drain(self, *, least: int) -> None:
        while self._queue.waiting >= least:
            batch = self._queue.take()
            try:
                await self._deliver(batch)
            except asyncio.CancelledError:
                self._queue.settle(batch, delivered=0, reason=SHUTDOWN)
                raise
            except Exception:  # noqa: BLE001 - a defect here loses one batch, counted, not the export of all later ones
                self._queue.settle(batch, delivered=0, reason=ENCODING)
                log.exception("Telemetry could not be sent")
            if not self._stopping.is_set():
                least = self._settings.batch_items

    async def _deliver(self, batch: list[Item]) -> None:
        body = self._body(self._resource, batch)
        attempt = 0
        while True:
            last_try = self._failing and self._stopping.is_set()
            answer = await self._send(body)
            if 200 <= answer.status < 300:
                self._note(failing=False)
                lost = min(answer.rejected, len(batch))
                self._queue.settle(batch, delivered=len(batch) - lost, reason=PARTIAL)
                return
            if answer.status and answer.status not in RETRYABLE:
                log.bind(**{"otlp.signal": self._queue.signal, "otlp.items": len(batch)}).error(
                    "Telemetry backend refused a batch: {}", answer.detail
                )
                self._queue.settle(batch, delivered=0, reason=REFUSED)
                return
            self._note(failing=True, detail=answer.detail)
            if last_try:
                self._queue.settle(batch, delivered=0, reason=SHUTDOWN)
                return
            await _wait(self._stopping, self._pause(attempt, answer.retry_after))
            if self._stopping.is_set():
                await asyncio.sleep(_SHUTDOWN_PAUSE)
            attempt += 1

    def _pause(self, attempt: int, retry_after: float | None) -> float:
        if retry_after is not None:
            return retry_after
        longest = min(self._settings.backoff_last, self._settings.backoff_first * 2.0 ** min(attempt, 16))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter

    async def _send(self, body: bytes) -> Answer:
        import aiohttp  # noqa: PLC0415 - heavy; a process that exports nothing never needs it

        headers = {"Content-Type": "application/json"}
        if self._settings.compression == "gzip":
            body = await asyncio.to_thread(gzip.compress, body, 1)
            headers["Content-Encoding"] = "gzip"
        limit = aiohttp.ClientTimeout(total=self._settings.timeout)
        try:
            async with self._session().post(self._url, data=body, headers=headers, timeout=limit) as response:
                return _read(self._queue.signal, response, await response.read())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Answer(0, detail=f"{type(error).__name__}: {error}")

    def _note(self, *, failing: bool, detail: str = "") -> None:
        if failing == self._failing:
            return
        self._failing = failing
        bound = log.bind(**{"otlp.signal": self._queue.signal, "otlp.queued": self._queue.queued})
        if failing:
            bound.warning("Telemetry cannot be delivered to {}, will keep trying: {}", self._url, detail)
        else:
            bound.info("Telemetry is delivered again")


_SHUTDOWN_PAUSE: Final = 0.1


def _read(signal: str, response: "aiohttp.ClientResponse", body: bytes) -> Answer:
    retry_after = _retry_after(response.headers.get("Retry-After"))
    if not 200 <= response.status < 300:
        detail = f"{response.status} {body[:200].decode('utf-8', 'replace')}"
        return Answer(response.status, retry_after=retry_after, detail=detail)
    try:
        answer = msgspec.json.decode(body) if body else None
    except msgspec.DecodeError:
        answer = None
    return Answer(response.status, rejected=rejected(signal, answer))


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, from either form of the header (RFC 9110, 10.2.3); at most ten minutes."""
    if value is None:
        return None
    try:
        seconds = float(value) if value.isdigit() else parsedate_to_datetime(value).timestamp() - time.time()
    except ValueError:
        return None
    return min(max(seconds, 0.0), 600.0)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop is closed: what ends after it is counted by the queue
        loop.call_soon_threadsafe(event.set)
