"""A service of its own process: `python kiosk.py`, with the environment of any other."""

import asyncio
import os
import time

from litestar import Litestar, get
from litestar.params import FromQuery

from chassis.lifecycle import Background
from chassis.plugin import ChassisPlugin
from chassis.server import run
from chassis.settings import ChassisSettings


@get("/slow", auth="public")
async def slow(seconds: FromQuery[float]) -> str:
    """Answer after this long."""
    await asyncio.sleep(seconds)
    return "done"


@get("/block", auth="public")
async def block(seconds: FromQuery[float]) -> str:
    """Hold the event loop for this long."""
    time.sleep(seconds)  # noqa: ASYNC251 - what this is for
    return "done"


async def tidy() -> None:
    """A job that says when it is told to end."""
    try:
        await asyncio.Event().wait()
    finally:
        print("job ended", flush=True)  # noqa: T201


async def broken_start(_: Litestar) -> None:
    """Fail the start where the environment asks for it."""
    if os.environ.get("KIOSK_BROKEN"):
        raise RuntimeError("the shutters are stuck")


def create_app(settings: ChassisSettings) -> Litestar:
    """The kiosk."""
    plugin = ChassisPlugin(settings, background=[Background("tidy", tidy)])
    return Litestar([slow, block], plugins=[plugin], on_startup=[broken_start])


if __name__ == "__main__":
    run(lambda environ: create_app(ChassisSettings.from_environ(environ)))
