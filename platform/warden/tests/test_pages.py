"""What warden answers over HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from testkit import free_port
from warden.pages import Page, Request, health, metrics, serve
from warden.probe import http_answer, http_get


@asynccontextmanager
async def served(lacking: list[str]) -> AsyncIterator[int]:
    port = free_port()
    routes = {
        "GET /metrics": metrics,
        "GET /health/live": health(lambda: ""),
        "GET /health/ready": health(lambda: ", ".join(lacking)),
        "POST /echo": lambda request: Page(200, "text/plain", request.body),
    }
    async with await serve("127.0.0.1", port, routes):
        yield port


async def sent(port: int, request: bytes) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        return http_answer(await reader.read())
    finally:
        writer.close()


async def test_it_is_ready_while_nothing_is_lacking_and_says_what_is() -> None:
    lacking: list[str] = []
    async with served(lacking) as port:
        assert await http_get(port, "/health/ready") == (200, b"ok")
        lacking.append("the engine")
        assert await http_get(port, "/health/ready?verbose=1") == (503, b"the engine")
        assert await http_get(port, "/health/live") == (200, b"ok")


async def test_metrics_come_in_the_format_of_prometheus() -> None:
    async with served([]) as port:
        status, body = await http_get(port, "/metrics")
    assert status == 200
    assert b"\n# TYPE " in b"\n" + body


async def test_a_body_is_taken_whole() -> None:
    async with served([]) as port:
        assert await sent(port, b"POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello") == (200, b"hello")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\n\r\n", 404),
        (b"GET\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\r\nA: " + b"x" * 40_000 + b"\r\n\r\n", 400),
    ],
)
async def test_what_is_not_understood_is_refused(request_: bytes, status: int) -> None:
    async with served([]) as port:
        assert (await sent(port, request_))[0] == status


async def test_a_caller_that_hangs_up_is_no_error() -> None:
    async with served([]) as port:
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(b"GET /met")
        assert (await http_get(port, "/health/live"))[0] == 200


def test_a_request_is_what_its_route_gets() -> None:
    page = health(lambda: "")(Request({}, b""))
    assert (page.status, page.body) == (200, b"ok")
