"""A part of the system as it is to be run: one process."""

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Probe = Callable[[], Awaitable[str | None]]
"""Asks a part whether it is ready: None if it is, else what it lacks."""


async def _nothing() -> None:
    """Nothing has to be done before this part starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process: how it is started, asked and ended. Replicas of a service are parts that differ by instance."""

    name: str  # "orders"
    instance: str  # "orders-1"
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    port: int
    probe: Probe = field(repr=False)
    version: str = ""
    release: str = ""  # the release whose code it runs; empty for the checkout's
    discovered: bool = False  # is found by others through the endpoints file
    store: Path | None = None  # once a write there has failed it is unready until it is started anew
    prepare: Callable[[], Awaitable[None]] = field(default=_nothing, repr=False)  # before each start
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 5.0  # before it is killed
    ready_seconds: float = 60.0  # before its start counts as failed

    @property
    def url(self) -> str:
        """Its address, for parts that speak HTTP."""
        return f"http://127.0.0.1:{self.port}"
