"""A small service with something to break."""

import asyncio
from typing import Annotated, Any

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct

from chassis.errors import Conflict, TooManyRequests, Unavailable


class Line(Struct, forbid_unknown_fields=True):
    """One line of a basket."""

    item: Annotated[str, Meta(min_length=1, examples=["lamp"])]
    quantity: Annotated[int, Meta(ge=1, le=5)]


class Basket(Struct):
    """What somebody wants."""

    lines: list[Line]


class SoldOut(Conflict):
    """Nothing is left."""

    reason = "sold-out"
    title = "Sold out"


class Dependency:
    """Something the service needs, which a test breaks and mends."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.delay = 0.0
        self.asked = 0

    async def ping(self) -> None:
        self.asked += 1
        await asyncio.sleep(self.delay)
        if self.failure is not None:
            raise self.failure


@post("/baskets", auth="public", operation_id="fill_basket")
async def fill_basket(data: JSONBody[Basket], limit: FromQuery[int] = 3) -> Basket:
    """Fill a basket."""
    del limit
    return data


@get("/baskets/{basket_id:int}", auth="public", operation_id="get_basket")
async def get_basket(basket_id: FromPath[int], colour: FromQuery[str]) -> dict[str, str]:
    """One basket."""
    return {"basket": f"{basket_id} {colour}"}


@get("/failures/{kind:str}", auth="public", operation_id="fail")
async def fail(kind: FromPath[str]) -> Any:
    """Fail in this way."""
    match kind:
        case "sold-out":
            raise SoldOut("No lamp is left.", item="lamp", available=0)
        case "busy":
            raise TooManyRequests(retry_after=2.5)
        case "away":
            raise Unavailable("The till is closed.", retry_after=1)
        case "unspeakable":
            return object()
        case _:
            raise RuntimeError("password=hunter2")
