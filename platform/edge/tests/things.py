"""A small service on chassis, run as a process of its own: `python things.py`."""

import asyncio
from collections.abc import Mapping

from litestar import Litestar, Request, get, put
from litestar.datastructures import State

from chassis.plugin import ChassisPlugin
from chassis.server import run
from chassis.settings import ChassisSettings


@get("/things/{thing_id:str}", auth="public", operation_id="get_thing")
async def get_thing(thing_id: str, request: Request[None, None, State]) -> dict[str, str | None]:
    """The thing, and who is said to have asked for it."""
    return {"thing_id": thing_id, "asked_by": request.headers.get("x-forwarded-for")}


@put("/things/{thing_id:str}", auth="public", operation_id="put_thing")
async def put_thing(thing_id: str) -> str:
    """Keep nothing, after the time it would take."""
    await asyncio.sleep(0.01)
    return thing_id


def create_app(environ: Mapping[str, str]) -> Litestar:
    """The service."""
    return Litestar([get_thing, put_thing], plugins=[ChassisPlugin(ChassisSettings.from_environ(environ))])


if __name__ == "__main__":
    run(create_app)
