"""Routes that do not need a dependency are as fast and sound while that dependency hangs.

One service with two dependencies, each behind a route of its own, all three as processes. Both routes are asked at a
fixed rate, whether or not answers come, first with both dependencies well, then with one stopped by SIGSTOP; several
times in turn.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp

from bench.report import Figure
from testkit import wait_until
from testkit.services import ServiceServer
from verify.hops import Answer, ask, ask_at_rate, hops, metric
from verify.proof import Run

MOST = 1.2
WORK_MS = 40
"""What the healthy dependency takes, so that the machine's own noise is small beside it."""
RATE = 40.0
SECONDS = 6.0


@dataclass
class Measured:
    """Answers of the healthy route, while the other dependency is well and while it hangs."""

    well: list[Answer] = field(default_factory=list)
    hanging: list[Answer] = field(default_factory=list)
    refused: float = 0.0


def prove(run: Run) -> Iterator[Figure]:
    """The 99th percentiles and their ratio, errors, and calls that the bulkhead refused."""
    with hops() as chain:
        chain.start("quick")
        stuck = chain.start("stuck")
        front = chain.start("front")
        measured = asyncio.run(_measure(front, stuck, run.pick(check=1, standard=5, full=10)))
    wrong = [answer for answer in measured.well + measured.hanging if answer.status != 200]
    yield Figure(what="healthy route asked while the other dependency hangs", measured=len(measured.hanging))
    yield Figure(what="errors of the healthy route", measured=len(wrong), at_most=0)
    yield Figure(what="calls refused by the bulkhead", measured=measured.refused, at_least=1)
    if run.measures:
        before, during = _p99_ms(measured.well), _p99_ms(measured.hanging)
        yield Figure(what="p99 of the healthy route, all well", measured=before, unit="ms")
        yield Figure(what="p99 of the healthy route, one hangs", measured=during, unit="ms")
        yield Figure(what="p99 while one hangs ÷ all well", measured=during / before, at_most=MOST)


async def _measure(front: ServiceServer, stuck: ServiceServer, rounds: int) -> Measured:
    measured = Measured()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for _ in range(rounds):
            await wait_until(lambda: _is_well(session, front), timeout=30, what="the dependency is called again")
            measured.well += await _both(session, front)
            stuck.pause()
            try:
                measured.hanging += await _both(session, front)
            finally:
                stuck.resume()
    measured.refused = metric(front, "bulkhead_rejections_total", "stuck")
    return measured


async def _both(session: aiohttp.ClientSession, front: ServiceServer) -> list[Answer]:
    """Ask for both dependencies; how the healthy one's route answered."""
    quick, _ = await asyncio.gather(
        ask_at_rate(session, f"{front.url}/ask/quick?ms={WORK_MS}", rate=RATE, seconds=SECONDS),
        ask_at_rate(session, f"{front.url}/ask/stuck", rate=RATE, seconds=SECONDS),
    )
    return quick


async def _is_well(session: aiohttp.ClientSession, front: ServiceServer) -> bool:
    return (await ask(session, f"{front.url}/ask/stuck")).status == 200


def _p99_ms(answers: list[Answer]) -> float:
    seconds = sorted(answer.seconds for answer in answers)
    return 1000 * seconds[min(len(seconds) - 1, int(0.99 * len(seconds)))]
