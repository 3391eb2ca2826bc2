"""Asked for five times what it can do, a service still does what it can, and as fast."""

import asyncio
from collections.abc import Iterator

from bench.report import Figure
from verify.openloop import Traffic, arrivals, worker
from verify.openloop_service import CAPACITY
from verify.proof import Run

STEPS = (0.8, 0.9, 1.0, 1.1)
"""Of the capacity, offered one after the other to find the peak."""
OVERLOAD = 5.0
LAG_P99_MS = 10.0
"""A generator that was later than this measured itself."""


def prove(run: Run) -> Iterator[Figure]:
    """The peak, then the overload."""
    steps, overload, sick = asyncio.run(_measure(run))
    everything = [*steps, overload]
    yield Figure(what="overload: requests sent away at 5x capacity", measured=overload.refused, at_least=1)
    yield Figure(what="overload: requests answered rightly", measured=overload.good, at_least=1)
    wrong = sum(len(traffic.wrong) for traffic in everything)
    yield Figure(what="overload: answers neither right nor a 503 with Retry-After", measured=wrong, at_most=0)
    yield Figure(what="overload: health probes not answered 200", measured=len(sick), at_most=0)
    if not run.measures:
        return
    seconds = run.pick(check=1, standard=5, full=20)
    peak = max(steps, key=lambda traffic: traffic.good)
    ratio = (overload.good / (2 * seconds)) / (peak.good / seconds)
    yield Figure(what="overload: goodput at the peak", measured=peak.good / seconds, unit="/s")
    yield Figure(what="overload: goodput at 5x capacity ÷ at the peak", measured=ratio, at_least=0.90, goal=0.95)
    yield Figure(what="overload: p99 at the peak", measured=peak.p99_ms, unit="ms")
    yield Figure(
        what="overload: p99 of admitted at 5x ÷ at the peak",
        measured=overload.p99_ms / peak.p99_ms,
        at_most=2.5,
        goal=2,
    )
    yield Figure(what="overload: lag of the generator, p99", measured=overload.lag_ms, unit="ms", at_most=LAG_P99_MS)


async def _measure(run: Run) -> tuple[list[Traffic], Traffic, list[str]]:
    chance = run.random("arrivals")
    seconds = run.pick(check=1, standard=5, full=20)
    async with worker() as service:
        steps = []
        for step in STEPS if run.measures else STEPS[:1]:
            steps.append(Traffic())
            await service.send(arrivals(chance, step * CAPACITY, seconds), steps[-1], "user")
        overload = Traffic()
        await service.send(arrivals(chance, OVERLOAD * CAPACITY, 2 * seconds), overload, "user")
        return steps, overload, service.sick
