"""Asking parts whether they are ready, with nothing but sockets: an HTTP library would be half of warden's memory."""

import asyncio
import struct
from typing import cast

from warden.part import Probe

TIMEOUT = 1.0  # seconds for a whole answer
_HOST = "127.0.0.1"
_SSL_REQUEST = struct.pack(
    "!ii", 8, 80877103
)  # PostgreSQL manual, 54.7: answered by one byte before any authentication


def probe_of(part: str, port: int) -> Probe:
    """How a part of this name is asked; all but a few speak our health endpoints."""
    match part:
        case "postgres":
            return greets(port, b"N", _SSL_REQUEST)  # a backend could be started, and declined TLS
        case "nats":
            return greets(port, b"INFO ")
        case "mail":
            return greets(port, b"220")
        case "prometheus":
            return http_ready(port, "/-/ready")
        case _:
            return http_ready(port)


def liveness_of(part: str, port: int) -> Probe | None:
    """How a part is asked whether it answers at all, whatever else it lacks; None where that is all it can be asked."""
    match part:
        case "postgres" | "nats" | "mail":
            return None
        case "prometheus":
            return http_ready(port, "/-/healthy")
        case _:
            return http_ready(port, "/health/live")


async def http_get(port: int, path: str, *, host: str = _HOST, timeout: float = TIMEOUT) -> tuple[int, bytes]:  # noqa: ASYNC109
    """GET from a port, on loopback unless said otherwise.

    Raises:
        OSError: no answer in time, or none that is HTTP.
    """
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
    return http_answer(await _exchange(host, port, request, timeout))


def http_answer(answer: bytes) -> tuple[int, bytes]:
    """Status and body of all that came on a connection.

    Raises:
        ConnectionError: that is not HTTP.
    """
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise ConnectionError("what answers does not speak HTTP")
    if b"transfer-encoding: chunked" in head.lower():
        body = _dechunked(body)
    return int(words[1]), body


def http_ready(port: int, path: str = "/health/ready", *, host: str = _HOST, timeout: float = TIMEOUT) -> Probe:
    """Ready when the path answers 200."""

    async def probe() -> str | None:
        try:
            status, body = await http_get(port, path, host=host, timeout=timeout)
        except OSError as error:
            return str(error) or "no answer in time"
        return None if status == 200 else f"HTTP {status} {body[:500].decode(errors='replace')}".strip()

    return probe


def greets(port: int, greeting: bytes, request: bytes = b"") -> Probe:
    """Ready when the first bytes of the answer are these: ``220`` for SMTP, ``INFO`` for NATS."""

    async def probe() -> str | None:
        try:
            answer = await _exchange(_HOST, port, request, TIMEOUT, enough=len(greeting))
        except OSError as error:
            return str(error) or "no answer in time"
        return None if answer.startswith(greeting) else f"unexpected greeting {answer[:40]!r}"

    return probe


class _Exchange(asyncio.Protocol):
    """Sends a request and collects what comes back, to the end or until it is enough.

    Bare, since asyncio's streams cost twice as much, and several parts are asked every second for ever.
    """

    def __init__(self, request: bytes, enough: int) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._request, self._enough, self._came = request, enough, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.WriteTransport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        self._came += data
        if 0 <= self._enough <= len(self._came):
            self._settle(None)

    def connection_lost(self, error: Exception | None) -> None:
        self._settle(error)

    def _settle(self, error: Exception | None) -> None:
        if self.answer.done():
            return
        if error is None:
            self.answer.set_result(self._came)
        else:
            self.answer.set_exception(error)


async def _exchange(host: str, port: int, request: bytes, seconds: float, enough: int = -1) -> bytes:
    transport: asyncio.BaseTransport | None = None
    try:
        async with asyncio.timeout(seconds):
            loop = asyncio.get_running_loop()
            transport, exchange = await loop.create_connection(lambda: _Exchange(request, enough), host, port)
            return await exchange.answer
    except TimeoutError:
        raise ConnectionError("no answer in time") from None
    finally:
        if transport is not None:
            transport.close()


def _dechunked(body: bytes) -> bytes:
    whole, rest = b"", body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size.partition(b";")[0] or b"0", 16)
        if length == 0:
            break
        whole, rest = whole + rest[:length], rest[length + 2 :]
    return whole
