"""Retries add at most a tenth to the load of a service that fails, however many hops there are.

A chain of three: the first asks the second, which asks the leaf, which fails every time. Once as it is, where the
circuit breaker soon spares the leaf all calls; once with the breakers switched off, so that the retry budget alone
holds.
"""

import asyncio
from collections.abc import Iterator

import aiohttp

from bench.report import Figure
from verify.hops import Hops, ask, begun_at, hops
from verify.proof import Run

MOST = 1.10
AT_ONCE = 8
WITHOUT_BREAKERS = "[resilience.calls.breaker]\nenabled = false\n"


def prove(run: Run) -> Iterator[Figure]:
    """Leaf attempts for each user request."""
    requests = run.pick(check=200, standard=1500, full=6000)
    for what, resilience in (("as it is", ""), ("without breakers", WITHOUT_BREAKERS)):
        with hops() as chain:
            attempts, failed = asyncio.run(_drive(chain, resilience, requests))
        if run.measures:
            yield Figure(what=f"leaf attempts ÷ user requests, {what}", measured=attempts / requests, at_most=MOST)
        yield Figure(
            what=f"leaf attempts beyond a tenth more, {what}",
            measured=max(0.0, attempts - MOST * requests),
            at_most=0,
        )
        yield Figure(what=f"user requests that did not fail, {what}", measured=requests - failed, at_most=0)
    yield Figure(what="leaf attempts, without breakers", measured=attempts, at_least=requests)


async def _drive(chain: Hops, resilience: str, requests: int) -> tuple[int, int]:
    """The attempts that reached the leaf, and the user requests that failed."""
    leaf = chain.start("leaf")
    chain.start("between", resilience)
    first = chain.start("first", resilience)
    left = iter(range(requests))
    async with aiohttp.ClientSession() as session:

        async def user() -> int:
            url = f"{first.url}/ask/between/leaf?fails=true"
            return sum([(await ask(session, url)).status >= 500 for _ in left])

        failed = sum(await asyncio.gather(*(user() for _ in range(AT_ONCE))))
    return begun_at(leaf).calls, failed
