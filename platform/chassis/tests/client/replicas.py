"""Helpers of the client's tests."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from chassis.client import ServiceClient
from chassis.telemetry.logrecord import LogRecord
from chassis.telemetry.span import Span

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


class Ended:
    """Collects spans."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def on_span(self, span: Span) -> None:
        self.spans.append(span)

    def on_log(self, record: LogRecord) -> None:  # noqa: ARG002
        return


Start = Callable[[Handler], Awaitable[Replica]]
Connect = Callable[..., ServiceClient]
