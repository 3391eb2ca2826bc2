"""A circuit breaker opens before callers have failed twenty times, and lets calls through six seconds after revival.

A replica of its own process is killed, or hangs, in turn; calls go on until one is refused. Then it comes back.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.report import Figure
from chassis.client import CircuitOpen, ClientConfig, ServiceClient
from chassis.errors import PharosError
from testkit import wait_until
from testkit.services import ServiceServer
from verify.hops import Hops, hops
from verify.proof import Run

MOST_FAILURES = 20
MOST_RECOVERY_S = 6.0
AT_ONCE = 10
GIVE_UP = 200


@dataclass
class Round:
    """One outage: failures until a call was refused, and seconds from revival to the first call that was good."""

    failures: int
    recovery_s: float


def prove(run: Run) -> Iterator[Figure]:
    """The worst of all rounds."""
    with hops() as chain:
        replica = chain.start("replica")
        count = run.pick(check=2, standard=6)
        rounds = [asyncio.run(_outage(chain, replica, hangs=number % 2 == 1)) for number in range(count)]
    failures = [one.failures for one in rounds]
    yield Figure(what="failures before the breaker opens, at most", measured=max(failures), at_most=MOST_FAILURES)
    yield Figure(what="failures before the breaker opens, at least", measured=min(failures), at_least=1)
    if run.measures:
        slowest = max(one.recovery_s for one in rounds)
        yield Figure(what="recovery after revival", measured=slowest, unit="s", at_most=MOST_RECOVERY_S)


async def _outage(chain: Hops, replica: ServiceServer, *, hangs: bool) -> Round:
    async with chain.client("replica", ClientConfig(attempt_timeout=0.3, call_timeout=0.3)) as client:
        await wait_until(lambda: _is_good(client), what="the replica answers")
        replica.pause() if hangs else replica.kill()
        failures = await _fail_until_refused(client, AT_ONCE if hangs else 1)
        replica.resume() if hangs else await asyncio.to_thread(replica.start)
        revived = time.monotonic()
        await wait_until(lambda: _is_good(client), timeout=30, what="a call is let through and is good")
        return Round(failures, time.monotonic() - revived)


async def _fail_until_refused(client: ServiceClient, at_once: int) -> int:
    failures = 0
    while failures < GIVE_UP:
        ended = await asyncio.gather(*(_call(client) for _ in range(at_once)))
        failures += sum(error is not None and not isinstance(error, CircuitOpen) for error in ended)
        if any(isinstance(error, CircuitOpen) for error in ended):
            return failures
    raise AssertionError(f"after {failures} failures no call is refused")


async def _call(client: ServiceClient) -> PharosError | None:
    """How a call failed, if it did."""
    try:
        await client.request("replica", "GET", "/work", operation="work")
    except PharosError as error:
        return error
    return None


async def _is_good(client: ServiceClient) -> bool:
    return await _call(client) is None
