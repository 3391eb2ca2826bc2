"""What inventory does beside answering requests."""

import asyncio
from datetime import UTC, datetime

from chassis.correlation import bind_correlation_id
from chassis.telemetry import span, untraced
from inventory import handlers, names, reservations
from inventory.reservations import Expired


async def expire_reservations(*, poll: float, batch: int) -> None:
    """Give back what is held too long: looks every `poll` seconds, at once again after a full batch."""
    while True:
        if await expire_due(batch) < batch:
            await asyncio.sleep(poll)


async def expire_due(batch: int) -> int:
    """Expire at most `batch` reservations, each in a transaction and in the trace of its own; how many were due."""
    with untraced():
        due = await reservations.find_expired(datetime.now(UTC), limit=batch)
    for expired in due:
        await _expire(expired)
    return len(due)


async def _expire(expired: Expired) -> None:
    attributes = {names.RESERVATION_ID: str(expired.reservation_id)}
    with (
        bind_correlation_id(expired.correlation_id or None),
        span(names.SPAN_RESERVATION_EXPIRE, parent=expired.traceparent or None, attributes=attributes),
    ):
        await handlers.expire(expired.reservation_id)
