"""What a replica that is asked for its readiness is taken to have said."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chassis.discovery.readiness import wants_requests


@pytest.fixture
async def port(request: pytest.FixtureRequest) -> AsyncIterator[int]:
    """Where a server listens that answers so; with None it never does."""
    answer: bytes | None = request.param

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        assert asked.startswith(b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1:")
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.mark.parametrize(
    ("port", "wants"),
    [(b"HTTP/1.1 200 OK\r\n\r\n", True), (b"HTTP/1.1 503 Draining\r\n\r\n", False), (b"", False), (None, None)],
    indirect=["port"],
)
async def test_only_who_says_so_wants_requests_and_who_is_late_says_nothing(port: int, wants: bool | None) -> None:
    assert await wants_requests("127.0.0.1", port) is wants


async def test_where_nobody_listens_nobody_wants_any() -> None:
    assert await wants_requests("127.0.0.1", 1) is False
