"""What accounts does beside answering requests."""

import asyncio
from datetime import UTC, datetime, timedelta

from accounts import throttle
from chassis.telemetry import untraced


async def sweep_failures(*, interval: float, window: timedelta) -> None:
    """Remove failed log-ins that no longer count, every `interval` seconds."""
    while True:
        with untraced():
            await throttle.sweep(datetime.now(UTC) - window)
        await asyncio.sleep(interval)
