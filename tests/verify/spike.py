"""People are served while calls in the background rise to twelve times."""

import asyncio
from collections.abc import Iterator

from bench.report import Figure
from verify.openloop import Traffic, arrivals, worker
from verify.openloop_service import CAPACITY
from verify.proof import Run

USER, BACKGROUND = 0.4, 0.2
"""Of the capacity, before the spike."""
SPIKE = 12


def prove(run: Run) -> Iterator[Figure]:
    """A calm while, then the spike, under the same load of user-facing requests."""
    calm, people, machines, sick = asyncio.run(_measure(run))
    wrong = sum(len(traffic.wrong) for traffic in (calm, people, machines))
    yield Figure(what="spike: background requests sent away", measured=machines.refused, at_least=1)
    yield Figure(what="spike: answers neither right nor a 503 with Retry-After", measured=wrong, at_most=0)
    yield Figure(what="spike: health probes not answered 200", measured=len(sick), at_most=0)
    if not run.measures:
        yield Figure(what="spike: user-facing requests answered rightly", measured=people.good, at_least=1)
        return
    share = 100 * people.good / len(people.samples)
    yield Figure(what="spike: user-facing success at 12x background", measured=share, unit="%", at_least=99.9)
    served = 100 * machines.good / len(machines.samples)
    yield Figure(what="spike: background requests served meanwhile", measured=served, unit="%")
    yield Figure(what="spike: p99 of user-facing before", measured=calm.p99_ms, unit="ms")
    yield Figure(what="spike: p99 of user-facing in the spike", measured=people.p99_ms, unit="ms")
    yield Figure(what="spike: lag of the generator, p99", measured=people.lag_ms, unit="ms")


async def _measure(run: Run) -> tuple[Traffic, Traffic, Traffic, list[str]]:
    chance = run.random("arrivals")
    seconds = run.pick(check=2, standard=20, full=60)
    calm, people, machines = Traffic(), Traffic(), Traffic()
    async with worker() as service, asyncio.TaskGroup() as group:
        group.create_task(service.send(arrivals(chance, USER * CAPACITY, seconds / 2), calm, "user"))
        await service.send(arrivals(chance, BACKGROUND * CAPACITY, seconds / 2), Traffic(), "background")
        group.create_task(service.send(arrivals(chance, USER * CAPACITY, seconds), people, "user"))
        rate = SPIKE * BACKGROUND * CAPACITY
        await service.send(arrivals(chance, rate, seconds), machines, "background")
    return calm, people, machines, service.sick
