"""No call begins after the deadline of the request that it is for.

Requests with random deadlines, some so short that there is no time for any call, to a callee that takes a random time
and fails at random, so that retries and their waits fall before, on and after the deadlines. Half of them go through a
hop in between, which hands on what is left. The callee compares the moment at which each call begins with the deadline
itself.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator

from bench.report import Figure
from chassis.client import ClientConfig, ServiceClient
from chassis.errors import PharosError
from chassis.resilience import BreakerConfig, Deadline, bind_deadline
from verify.hop import DEADLINE_HEADER
from verify.hops import begun_at, hops
from verify.proof import Run

LONGEST_S = 0.100
AT_ONCE = 4
WITHOUT_BREAKERS = "[resilience.calls.breaker]\nenabled = false\n"


def prove(run: Run) -> Iterator[Figure]:
    """Calls that began late, and how the requests ended."""
    requests = run.pick(check=600, standard=10_000)
    with hops() as chain:
        leaf = chain.start("leaf")
        chain.start("between", WITHOUT_BREAKERS)
        config = ClientConfig(breaker=BreakerConfig(enabled=False))
        ended = asyncio.run(_drive([chain.client("leaf", config), chain.client("between", config)], run, requests))
        begun = begun_at(leaf)
    yield Figure(what="requests with a random deadline", measured=sum(ended.values()), at_least=requests)
    yield Figure(what="calls begun after their deadline, or less than 20 ms before", measured=begun.short, at_most=0)
    yield Figure(what="calls that were received after the user's deadline", measured=begun.late)
    yield Figure(what="calls begun, which say how much time they have", measured=begun.timed, at_least=requests / 4)
    yield Figure(what="requests without time for any call", measured=ended["too short"], at_least=requests / 20)


async def _drive(clients: list[ServiceClient], run: Run, requests: int) -> Counter[str]:
    ended: Counter[str] = Counter()
    left = iter(range(requests))
    chances = [run.random(f"deadlines {number}") for number in range(AT_ONCE)]

    async def user(chance: random.Random) -> None:
        for _ in left:
            through = chance.randrange(2)
            hop, path = ("between", "/ask/leaf") if through else ("leaf", "/work")
            ended[await _request(clients[through], hop, path, chance)] += 1

    await asyncio.gather(*(user(chance) for chance in chances))
    for client in clients:
        await client.close()
    return ended


async def _request(client: ServiceClient, hop: str, path: str, chance: random.Random) -> str:
    """One request; how it ended."""
    seconds = chance.uniform(0, LONGEST_S)
    deadline = Deadline.after(seconds, time.monotonic())
    wanted = {"ms": round(chance.uniform(0, 1000 * LONGEST_S / 2), 1), "fails": str(chance.random() < 0.5).lower()}
    with bind_deadline(deadline):
        try:
            await client.request(
                hop, "GET", path, operation="work", query=wanted, headers={DEADLINE_HEADER: repr(deadline.at)}
            )
        except PharosError:
            return "too short" if seconds < 0.02 else "failed"
    return "answered"
