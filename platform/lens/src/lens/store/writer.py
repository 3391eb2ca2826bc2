"""The one thread that writes: batches in through a bounded queue, acknowledged when committed, pruning in between."""

import sqlite3
import threading
import time
from collections import deque
from concurrent.futures import Future
from pathlib import Path

from loguru import logger

from lens import metrics
from lens.records import Batch
from lens.store import retention
from lens.store.ingest import Ingester
from lens.store.retention import Limits
from lens.store.schema import open_writer

_RECORDS_A_COMMIT = 10_000
_ENOUGH_RECORDS = 1_000
_GATHER_SECONDS = 0.1  # of small batches into one commit: a sync to disk each would cost more than their rows
_PRUNE_EVERY_SECONDS = 5.0
_CLOSE_SECONDS = 3.0


class QueueFullError(Exception):
    """More records wait than the queue may hold, or the writer has stopped."""


class WriterError(Exception):
    """Batches are not being written."""


class Writer:
    """Owns the writing connection. `submit` may be called from any thread."""

    def __init__(self, path: Path, limits: Limits, queue_records: int) -> None:
        self._path = path
        self._limits = limits
        self._capacity = queue_records
        self._queue: deque[tuple[Batch, Future[None]]] = deque()
        self._queued = 0
        self._wake = threading.Condition()
        self._stopping = False
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="lens-writer", daemon=True)

    def start(self) -> None:
        """Open the database (raises SchemaError, sqlite3.Error) and begin to write."""
        self._connection = open_writer(self._path)
        self._ingester = Ingester(self._connection)
        self._thread.start()

    def close(self) -> None:
        """Write what is queued and stop; what comes after is refused."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_SECONDS)

    @property
    def alive(self) -> bool:
        """Whether batches are being written."""
        return self._thread.is_alive() and not self._stopping

    def check(self) -> None:
        """Raise WriterError unless the last batch could be written, or none was tried yet."""
        if not self.alive:
            raise WriterError("the writer is not running")
        if self._failure:
            raise WriterError(f"the last batch was not stored: {self._failure}")

    def submit(self, batch: Batch) -> Future[None]:
        """Queue a batch; the future is done when it is committed. Raises QueueFullError.

        An empty queue takes a batch of any size, so that no accepted request is too large for ever.
        """
        with self._wake:
            if not self.alive or (self._queue and self._queued + len(batch) > self._capacity):
                raise QueueFullError(f"{self._queued} records wait to be written")
            future: Future[None] = Future()
            self._queue.append((batch, future))
            self._queued += len(batch)
            metrics.QUEUED.set(self._queued)
            if len(self._queue) == 1 or self._queued >= _ENOUGH_RECORDS:
                self._wake.notify()
        return future

    def _run(self) -> None:
        prune_at = time.monotonic()
        while True:
            taken = self._take(prune_at - time.monotonic())
            if taken:
                self._write(taken)
            elif self._stopping:
                break
            if time.monotonic() >= prune_at:
                prune_at = time.monotonic() + (0.0 if self._prune() else _PRUNE_EVERY_SECONDS)
        self._connection.close()

    def _take(self, wait_seconds: float) -> list[tuple[Batch, Future[None]]]:
        """What is queued, up to one commit's size; waits for the first, and a moment for others."""
        with self._wake:
            if not self._queue and not self._stopping:
                self._wake.wait(max(0.0, wait_seconds))
            if self._queue:
                self._wake.wait_for(lambda: self._stopping or self._queued >= _ENOUGH_RECORDS, _GATHER_SECONDS)
            taken, size = [], 0
            while self._queue and size < _RECORDS_A_COMMIT:
                batch, future = self._queue.popleft()
                size += len(batch)
                if future.set_running_or_notify_cancel():
                    taken.append((batch, future))
            self._queued -= size
            metrics.QUEUED.set(self._queued)
        return taken

    def _write(self, taken: list[tuple[Batch, Future[None]]]) -> None:
        try:
            self._ingester.write([batch for batch, _ in taken], time.time_ns())
        except Exception as error:  # noqa: BLE001  # the sender is told, and the thread must live on
            if len(taken) > 1:
                for one in taken:
                    self._write([one])
            else:
                logger.error("batch of {} records not stored: {}", len(taken[0][0]), error)
                self._failure = str(error)
                taken[0][1].set_exception(error)
            return
        self._failure = ""
        for batch, future in taken:
            metrics.count_ingested(batch)
            future.set_result(None)

    def _prune(self) -> bool:
        """One step; says whether another is due at once."""
        try:
            pruned = retention.prune_step(self._connection, self._limits, time.time_ns())
            metrics.DATABASE_BYTES.set(retention.file_bytes(self._connection))
        except sqlite3.Error as error:
            logger.error("pruning failed: {}", error)
            return False
        metrics.count_pruned(pruned.spans, pruned.logs)
        return pruned.more
