"""Helpers of the client's tests."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from chassis.client import ServiceClient

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Replica:
    """An HTTP server that answers as a test wants and keeps what it was sent."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[web.BaseRequest] = []
        self.url = ""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        return await self.handler(request)


Start = Callable[[Handler], Awaitable[Replica]]
Connect = Callable[..., ServiceClient]
