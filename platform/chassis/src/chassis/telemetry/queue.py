"""What waits for export: bounded, and accounted for to the last item."""

import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from chassis.telemetry.settings import ExportSettings

DISABLED: Final = "disabled"
QUEUE_FULL: Final = "queue_full"
ENCODING: Final = "encoding"
REFUSED: Final = "refused"
PARTIAL: Final = "partial_success"
SHUTDOWN: Final = "shutdown"
REASONS: Final = (DISABLED, QUEUE_FULL, ENCODING, REFUSED, PARTIAL, SHUTDOWN)
"""Why an item was dropped: no endpoint; bound reached; could not be encoded; the backend refused the batch for good,
or part of it; not delivered when the process ended."""


class Item(NamedTuple):
    """One encoded span or log record, and the instrumentation scope it belongs to."""

    scope: str
    data: bytes


class SignalQueue:
    """The queue of one signal, and its books: produced = delivered + dropped + queued, at every moment.

    When a bound is reached the newest item is dropped, before it costs an encoding: what is kept then shows how the
    trouble began, in whole traces. A batch taken for delivery still counts as queued until its fate is known.
    """

    def __init__(self, signal: str, settings: ExportSettings, *, closed: str | None = None) -> None:
        """An empty queue; with `closed`, one that drops everything for that reason."""
        self.signal = signal
        self.produced = 0
        self.delivered = 0
        self.dropped: Counter[str] = Counter(dict.fromkeys(REASONS, 0))
        self.on_batch: Callable[[], None] | None = None
        self._settings = settings
        self._closed = closed
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._taken = 0
        # Reentrant: the garbage collector may finalize something here that ends a span or logs in doing so.
        self._lock = threading.RLock()

    @property
    def queued(self) -> int:
        """Items waiting or on their way."""
        return len(self._items) + self._taken

    @property
    def waiting(self) -> int:
        """Items not yet taken for delivery."""
        return len(self._items)

    @property
    def queued_bytes(self) -> int:
        """Encoded size of the items waiting or on their way."""
        return self._bytes

    def offer(self, scope: str, encode: Callable[[Any], str], subject: Any) -> None:
        """Encode a subject and keep it for export, or drop and count it. Never raises, never waits."""
        with self._lock:
            self.produced += 1
            settings = self._settings
            if self._closed is not None:
                self.dropped[self._closed] += 1
                return
            if self.queued >= settings.queue_items or self._bytes >= settings.queue_bytes:
                self.dropped[QUEUE_FULL] += 1
                return
            try:
                data = encode(subject).encode()
            except Exception:  # noqa: BLE001 - what cannot be encoded is counted; no request fails for it
                self.dropped[ENCODING] += 1
                return
            self._bytes += len(data)
            self._items.append(Item(scope, data))
            full = len(self._items) == settings.batch_items
        if full and self.on_batch is not None:
            self.on_batch()

    def take(self) -> list[Item]:
        """Take a batch for delivery, oldest first; follow with `settle`. An item larger than a batch goes alone."""
        batch: list[Item] = []
        room = self._settings.batch_bytes
        with self._lock:
            while self._items and len(batch) < self._settings.batch_items:
                room -= len(self._items[0].data)
                if batch and room < 0:
                    break
                batch.append(self._items.popleft())
            self._taken += len(batch)
        return batch

    def settle(self, batch: list[Item], *, delivered: int, reason: str = REFUSED) -> None:
        """Enter the fate of a taken batch: so many delivered, the rest dropped for `reason`."""
        size = sum(len(item.data) for item in batch)
        with self._lock:
            self._taken -= len(batch)
            self._bytes -= size
            self.delivered += delivered
            self.dropped[reason] += len(batch) - delivered

    def close(self, reason: str = SHUTDOWN) -> int:
        """Drop what still waits and everything offered from now on; returns how many were dropped."""
        with self._lock:
            self._closed = reason
            left, self._items = self._items, deque()
            size = sum(len(item.data) for item in left)
            self._bytes -= size
            self.dropped[reason] += len(left)
            return len(left)
