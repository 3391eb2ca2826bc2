"""What warden itself answers over HTTP: its health, its metrics; with nothing but sockets, as in `probe`."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from chassis.telemetry.metrics import expose_metrics

_HEAD_BYTES = 16 * 1024
_BODY_BYTES = 1024 * 1024
_SECONDS = 5.0  # for a whole request


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: int
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """A question; the names of its fields are in lower case."""

    fields: Mapping[str, str]
    body: bytes


Route = Callable[[Request], Page]
Routes = Mapping[str, Route]
"""By method and path: ``GET /metrics``."""


def metrics(request: Request) -> Page:
    """Every metric of this process, in the format that the asking side prefers."""
    body, kind = expose_metrics(request.fields.get("accept", ""))
    return Page(200, kind, body)


def health(lacks: Callable[[], str]) -> Route:
    """200 while nothing is lacking, else 503 with what is."""

    def route(_: Request) -> Page:
        lacking = lacks()
        return Page(503 if lacking else 200, "text/plain; charset=utf-8", (lacking or "ok").encode())

    return route


async def serve(host: str, port: int, routes: Routes) -> asyncio.Server:
    """Answer from now on, until the server is closed.

    Raises:
        OSError: the port is taken.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError):
                writer.write(_written(await _answer(reader, routes)))
                await writer.drain()
        finally:
            writer.close()

    return await asyncio.start_server(answer, host, port, limit=_HEAD_BYTES)


async def _answer(reader: asyncio.StreamReader, routes: Routes) -> Page:
    try:
        async with asyncio.timeout(_SECONDS):
            target, request = await _read(reader)
    except (TimeoutError, ValueError, asyncio.LimitOverrunError, asyncio.IncompleteReadError):
        return _refusal(400)
    route = routes.get(target)
    return _refusal(404) if route is None else route(request)


async def _read(reader: asyncio.StreamReader) -> tuple[str, Request]:
    """The method and the path, and what came with them.

    Raises:
        ValueError: that is no request, or one that is too long.
    """
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.rstrip().split("\r\n")
    method, target, _ = line.split(" ")
    fields = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
    length = int(fields.get("content-length", "0"))
    if not 0 <= length <= _BODY_BYTES:
        raise ValueError(length)
    return f"{method} {target.partition('?')[0]}", Request(fields, await reader.readexactly(length))


def _refusal(status: int) -> Page:
    return Page(status, "text/plain; charset=utf-8", HTTPStatus(status).phrase.encode())


def _written(page: Page) -> bytes:
    lines = (
        f"HTTP/1.1 {page.status} {HTTPStatus(page.status).phrase}",
        f"Content-Type: {page.kind}",
        f"Content-Length: {len(page.body)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + page.body
