"""How the process itself is doing: event-loop lag. CPU, memory and garbage collection come with prometheus-client."""

import asyncio
from collections.abc import Callable
from typing import Final

from prometheus_client import Gauge, Histogram

from chassis.telemetry import names

INTERVAL: Final = 0.25
"""Seconds between two looks at the event loop."""

_histogram = Histogram(
    names.METRIC_EVENT_LOOP_LAG,
    "How much later than due the event loop ran a timer.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
_latest = Gauge(names.METRIC_EVENT_LOOP_LAG_LAST, "The latest event-loop lag.")


class LoopLag:
    """Measures how late timers run; `seconds` is the latest figure, for limits and liveness."""

    def __init__(self) -> None:
        """Not measuring yet."""
        self.seconds = 0.0
        self._handle: asyncio.TimerHandle | None = None
        self._listeners: list[Callable[[float], None]] = []

    def listen(self, listener: Callable[[float], None]) -> None:
        """Tell each figure to `listener`, too."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Begin to measure the running event loop."""
        if self._handle is None:
            self._schedule(asyncio.get_running_loop())

    def stop(self) -> None:
        """Stop measuring."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + INTERVAL
        self._handle = loop.call_at(due, self._measure, loop, due)

    def _measure(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self.seconds = max(0.0, loop.time() - due)
        _latest.set(self.seconds)
        _histogram.observe(self.seconds)
        for listener in self._listeners:
            listener(self.seconds)
        self._schedule(loop)
