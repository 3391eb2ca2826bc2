"""``python -m verify.hop``: a process of the proofs about calls, which works, fails, or asks the next one."""

import asyncio
import os
import time
from dataclasses import dataclass
from typing import Any

from litestar import Litestar, Request, get
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from chassis.client import ServiceClient
from chassis.errors import Unavailable
from chassis.plugin import ChassisPlugin
from chassis.resilience import TIMEOUT_HEADER
from chassis.server import run
from chassis.settings import ChassisSettings

DEADLINE_HEADER = "X-Proof-Deadline"
"""Seconds of the machine's monotonic clock; only what a proof compares with, nothing acts on it."""
LEAST_MS = 19
"""A call that begins has 20 ms left until its own deadline; the header rounds down to whole milliseconds."""


class Done(Struct):
    """The work is done."""


class Begun(Struct):
    """Calls that arrived here.

    Attributes:
        calls: how many.
        timed: how many of them say how much time they have, which only those of trusted callers do.
        short: how many of them began with less time than that, or none at all, left.
        late: how many of them came after the deadline that they are for.
    """

    calls: int
    timed: int
    short: int
    late: int


@dataclass
class _Counted:
    calls: int = 0
    timed: int = 0
    short: int = 0
    late: int = 0

    def count(self, request: "Request[Any, Any, Any]") -> None:
        self.calls += 1
        self.timed += TIMEOUT_HEADER in request.headers
        self.short += int(request.headers.get(TIMEOUT_HEADER, LEAST_MS)) < LEAST_MS
        deadline = request.headers.get(DEADLINE_HEADER)
        self.late += deadline is not None and time.monotonic() > float(deadline)


counted = _Counted()


@get("/work", auth="public")
async def work(request: "Request[Any, Any, Any]", ms: FromQuery[float] = 0.0, fails: FromQuery[bool] = False) -> Done:
    """Take so long, then answer or fail."""
    counted.count(request)
    await asyncio.sleep(ms / 1000)
    if fails:
        raise Unavailable("told to fail")
    return Done()


@get("/ask/{path:path}", auth="public")
async def ask(
    request: "Request[Any, Any, Any]",
    client: ServiceClient,
    path: FromPath[str],
    ms: FromQuery[float] = 0.0,
    fails: FromQuery[bool] = False,
) -> Done:
    """Ask the first service that the path names to do what the rest of it says; `/ask/b/c` asks b to ask c to work."""
    service, _, further = path.strip("/").partition("/")
    deadline = request.headers.get(DEADLINE_HEADER)
    return await client.request(
        service,
        "GET",
        f"/ask/{further}" if further else "/work",
        operation="ask" if further else "work",
        query={"ms": ms, "fails": str(fails).lower()},
        headers={} if deadline is None else {DEADLINE_HEADER: deadline},
        response=Done,
    )


@get("/begun", auth="public", sync_to_thread=False)
def begun() -> Begun:
    """What was counted."""
    return Begun(counted.calls, counted.timed, counted.short, counted.late)


def create_app(settings: ChassisSettings) -> Litestar:
    """The hop."""
    trusted = os.environ["PROOF_TRUSTED"].split(",")
    return Litestar([work, ask, begun], plugins=[ChassisPlugin(settings, trusted=trusted)])


if __name__ == "__main__":
    run(lambda environ: create_app(ChassisSettings.from_environ(environ)))
