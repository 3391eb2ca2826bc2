"""Open-loop load: requests start by the clock, whether or not earlier ones have been answered.

Latency counts from the scheduled time, so that a system that stalls cannot hide the requests it kept waiting
(coordinated omission). The generator's own lateness is measured too: a run in which it was late says nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

VALID_LAG_P99_MS = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One finished request; times in milliseconds from its scheduled start."""

    ok: bool
    latency_ms: float
    lag_ms: float
    correlation_id: str = ""


def report_of(orders: Sequence[Sample], looks: Sequence[Sample]) -> dict[str, object]:
    """The figures of a run, in the shape of docs/cli.md: latencies are the orders', the lag is of all requests."""
    lag = percentile([sample.lag_ms for sample in (*orders, *looks)], 99)
    latencies = [sample.latency_ms for sample in orders]
    ok = sum(sample.ok for sample in orders)
    return {
        "sent": len(orders),
        "ok": ok,
        "failed": len(orders) - ok,
        "p50_ms": percentile(latencies, 50),
        "p99_ms": percentile(latencies, 99),
        "lag_p99_ms": lag,
        "valid": bool(orders) and lag <= VALID_LAG_P99_MS,
        "correlation_ids": [sample.correlation_id for sample in orders if sample.ok],
        "failed_correlation_ids": [
            sample.correlation_id for sample in orders if not sample.ok and sample.correlation_id
        ],
        "looks_sent": len(looks),
        "looks_failed": sum(not sample.ok for sample in looks),
    }


def percentile(values: Sequence[float], rank: float) -> float:
    """The nearest-rank percentile, rounded to microseconds when values are milliseconds; 0 for no values."""
    if not values:
        return 0.0
    ordered = sorted(values)
    position = max(0, -int(-rank * len(ordered) // 100) - 1)
    return round(ordered[position], 3)


def schedule(rate: float, count: int | None, seconds: float | None) -> Iterator[float]:
    """Start times in seconds from the beginning, evenly spaced, ending with whichever bound is reached first."""
    number = 0
    while (count is None or number < count) and (seconds is None or number / rate < seconds):
        yield number / rate
        number += 1


async def drive(
    times: Iterator[float],
    request: Callable[[], Awaitable[tuple[bool, str]]],
    samples: list[Sample],
    finished: Callable[[], None] = lambda: None,
) -> None:
    """Start a request at each of the times; it answers whether it went well, and its correlation ID.

    Samples are added as requests end, so that an interrupted run keeps what it has.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(planned: float) -> None:
        lag_ms = (loop.time() - planned) * 1000
        ok, correlation_id = await request()
        samples.append(Sample(ok, (loop.time() - planned) * 1000, lag_ms, correlation_id))
        finished()

    async with asyncio.TaskGroup() as running:
        for offset in times:
            await asyncio.sleep(max(0.0, began + offset - loop.time()))
            running.create_task(one(began + offset))
