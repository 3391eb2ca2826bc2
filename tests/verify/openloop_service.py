"""A service of known capacity: `python -m verify.openloop_service`, with the environment of any other.

`/work/{number}` needs one of PLACES for SECONDS, as a request needs a database connection, and answers twice the
number. So it can do PLACES / SECONDS requests a second, however many are sent. The process keeps to the core that
PROOF_CORE names.
"""

import asyncio
import os

from litestar import Litestar, get
from litestar.params import FromPath

from chassis.plugin import ChassisPlugin
from chassis.server import run
from chassis.settings import ChassisSettings

PLACES = 8
SECONDS = 0.040
CAPACITY = PLACES / SECONDS


def create_app(settings: ChassisSettings) -> Litestar:
    """The service."""
    pool = asyncio.Semaphore(PLACES)

    @get("/work/{number:int}", auth="public", operation_id="work")
    async def work(number: FromPath[int]) -> dict[str, int]:
        async with pool:
            await asyncio.sleep(SECONDS)
        return {"twice": 2 * number}

    return Litestar([work], plugins=[ChassisPlugin(settings)])


if __name__ == "__main__":
    if core := os.environ.get("PROOF_CORE"):
        os.sched_setaffinity(0, {int(core)})
    run(lambda environ: create_app(ChassisSettings.from_environ(environ)))
