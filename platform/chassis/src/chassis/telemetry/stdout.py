"""Log lines to standard output, in few system calls."""

import asyncio
import os
import sys
import threading
from typing import Final

DELAY: Final = 0.02
"""Seconds that a line may wait for others while an event loop runs. Each system call lets go of the interpreter lock,
which under load costs more than everything else about a log line."""


class LineWriter:
    """Writes whole lines to a file descriptor: at once, or gathered while attached to an event loop."""

    def __init__(self, descriptor: int) -> None:
        """Write to `descriptor`."""
        self.lost = 0
        self._descriptor = descriptor
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pending: list[bytes] = []
        # Reentrant: the garbage collector may finalize something here that logs in doing so.
        self._lock = threading.RLock()

    def attach(self) -> None:
        """Gather lines for the running event loop from now on."""
        self._loop = asyncio.get_running_loop()

    def detach(self) -> None:
        """Write what was gathered, and every later line at once."""
        self._loop = None
        self.flush()

    def write(self, line: bytes) -> None:
        """Take a line. What the descriptor does not accept is counted in `lost`; nothing is raised."""
        with self._lock:
            self._pending.append(line)
            first = len(self._pending) == 1
        loop = self._loop
        if loop is None or loop.is_closed():
            self.flush()
        elif first:
            loop.call_soon_threadsafe(loop.call_later, DELAY, self.flush)

    def flush(self) -> None:
        """Write what was gathered."""
        with self._lock:
            lines, self._pending = self._pending, []
            data = b"".join(lines)
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:
                self.lost += len(lines)


def stdout_writer() -> LineWriter | None:
    """A writer to the process's standard output, or None where it has none."""
    stream = sys.__stdout__
    return None if stream is None else LineWriter(stream.fileno())
