"""Asking parts whether they are ready, each in the way that it understands."""

import asyncio
import struct
from dataclasses import dataclass, replace
from typing import cast

from warden.http import answer_in
from warden.layout import monitoring_of
from warden.line import Line
from warden.part import Probe

TIMEOUT = 1.0  # seconds for a whole answer
HERE = "127.0.0.1"
_SSL_REQUEST = struct.pack(
    "!ii", 8, 80877103
)  # PostgreSQL manual, 54.7: answered by one byte before any authentication


def probe_of(part: str, port: int) -> Probe:
    """How a part of this name is asked; all but a few speak our health endpoints."""
    match part:
        case "postgres":
            return Greets(port, b"N", _SSL_REQUEST)  # a backend could be started, and declined TLS
        case "nats":
            return HttpReady(monitoring_of(port), "/healthz")  # its greeting does not tell whether it stores anything
        case "mail":
            return Greets(port, b"220")
        case "prometheus":
            return HttpReady(port, "/-/ready")
        case _:
            return HttpReady(port)


def liveness_of(part: str, port: int) -> Probe | None:
    """How a part is asked whether it answers at all, whatever else it lacks; None where that is all it can be asked."""
    match part:
        case "postgres" | "mail":
            return None
        case "nats":
            return HttpReady(monitoring_of(port), "/healthz", anything=True)  # also while it recovers its streams
        case "prometheus":
            return HttpReady(port, "/-/healthy")
        case _:
            return HttpReady(port, "/health/live")


async def http_get(port: int, path: str, *, host: str = HERE) -> tuple[int, bytes]:
    """GET from a port, on loopback unless said otherwise.

    Raises:
        OSError: no answer in time, or none that is HTTP.
    """
    try:
        async with asyncio.timeout(TIMEOUT):
            status, body, _ = await Line(host, port, questions=1).get(path)
    except TimeoutError:
        raise ConnectionError("no answer in time") from None
    return status, body


def http_answer(answer: bytes) -> tuple[int, bytes]:
    """Status and body of all that came on a connection.

    Raises:
        ConnectionError: that is not HTTP.
    """
    found = answer_in(answer, ended=True)
    assert found is not None
    return found.status, found.body


@dataclass(frozen=True, slots=True)
class HttpReady:
    """Ready when the path answers 200 within so many seconds, or anything at all where that is enough."""

    port: int
    path: str = "/health/ready"
    host: str = HERE
    timeout: float = TIMEOUT
    anything: bool = False
    line: Line | None = None  # None: a connection for each question

    async def __call__(self) -> str | None:
        """None if it is, else what it lacks."""
        line = self.line or Line(self.host, self.port, questions=1)
        try:
            async with asyncio.timeout(self.timeout):
                answer = await line.get(self.path)
        except TimeoutError:
            return f"no answer within {self.timeout:g} s"
        except OSError as error:
            return str(error)
        if self.anything or answer.status == 200:
            return None
        return f"HTTP {answer.status} {answer.body[:500].decode(errors='replace')}".strip()


@dataclass(frozen=True, slots=True)
class Greets:
    """Ready when the first bytes of the answer are these, such as ``220`` for SMTP."""

    port: int
    greeting: bytes
    request: bytes = b""
    timeout: float = TIMEOUT

    async def __call__(self) -> str | None:
        """None if it is, else what it lacks."""
        try:
            answer = await _exchange(self.port, self.request, self.timeout, len(self.greeting))
        except TimeoutError:
            return f"no answer within {self.timeout:g} s"
        except OSError as error:
            return str(error)
        return None if answer.startswith(self.greeting) else f"unexpected greeting {answer[:40]!r}"


def lasting(probe: Probe, seconds: float) -> Probe:
    """The same question for who asks it for ever: answered within so many seconds, over a connection that is kept."""
    match probe:
        case HttpReady():
            return replace(probe, timeout=seconds, line=Line(probe.host, probe.port))
        case Greets():
            return replace(probe, timeout=seconds)
        case _:
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
        if len(self._came) >= self._enough:
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


async def _exchange(port: int, request: bytes, seconds: float, enough: int) -> bytes:
    transport: asyncio.BaseTransport | None = None
    try:
        async with asyncio.timeout(seconds):
            loop = asyncio.get_running_loop()
            transport, exchange = await loop.create_connection(lambda: _Exchange(request, enough), HERE, port)
            return await exchange.answer
    finally:
        if transport is not None:
            transport.close()
