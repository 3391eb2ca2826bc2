"""A service of its own process: `python -m stall`, or `python -m chaos.seam stall`."""

import time

from litestar import Litestar, get

from chassis.plugin import ChassisPlugin
from chassis.server import run
from chassis.settings import ChassisSettings


@get("/now", auth="public")
async def now() -> dict[str, float]:
    """The clock."""
    return {"now": time.time()}


if __name__ == "__main__":
    run(lambda environ: Litestar([now], plugins=[ChassisPlugin(ChassisSettings.from_environ(environ))]))
