"""The processes of the request cost benchmark: two servers to compare, the backend they export to, and the client.

python -m bench.request_cost_processes bare|full PORT ENDPOINT, accept PORT, or load PORT REQUESTS

The caller's signing key is in `BENCH_KEY`, as a JWK.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from litestar import Litestar

CONNECTIONS = 8
CALLER, CALLEE = "caller", "callee"

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


def with_cpu(app: Any) -> App:
    """The application, and `/cpu`, which tells the process's CPU time in nanoseconds without touching it."""

    async def wrapped(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/cpu":
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(time.process_time_ns()).encode()})

    return wrapped


def handler() -> Any:
    """A route with a path parameter and a typed answer, for services that may call it."""
    import msgspec
    from litestar import get

    class Order(msgspec.Struct):
        order_id: str
        status: str
        total: int

    @get("/orders/{order_id:str}", operation_id="get_order", opt={"auth": "service"})
    async def get_order(order_id: str) -> Order:
        return Order(order_id, "confirmed", 1999)

    return get_order


def bare() -> Litestar:
    """The handler alone."""
    return Litestar([handler()], openapi_config=None, logging_config=None)


def full(endpoint: str) -> Litestar:
    """The handler in a service like any other: verified caller, deadline, trace, metrics, access log, export."""
    from chassis.discovery.static import StaticDiscovery
    from chassis.manifest import Manifest
    from chassis.plugin import ChassisPlugin
    from chassis.settings import ChassisSettings

    manifest = Manifest(
        name=CALLEE, description="b", owner="b", pager="b", tier=4, database=False, callers={CALLER: ("get_order",)}
    )
    keys = {"keys": [caller_key().public()]}
    plugin = ChassisPlugin(
        ChassisSettings(manifest=manifest, otlp_endpoint=endpoint), discovery=StaticDiscovery({}, {CALLER: keys})
    )
    return Litestar([handler()], plugins=[plugin])


def caller_key() -> Any:
    """The key with which the client signs its tokens."""
    from chassis.auth.keys import SigningKey
    from chassis.environment import Secret

    return SigningKey.parse(Secret(os.environ["BENCH_KEY"]))


async def serve(kind: str, port: int, endpoint: str) -> None:
    """Serve the bare or the full application until SIGTERM; the full one then tells its telemetry's books."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    app = full(endpoint) if kind == "full" else bare()
    async with app.lifespan():
        server = Server(with_cpu(app), port=port, interface=Interfaces.ASGINL, log_enabled=False)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
        await server.serve()
    if kind == "full":
        from chassis.telemetry.pipeline import PIPELINE

        books = {queue.signal: [queue.produced, queue.delivered] for queue in (PIPELINE.traces, PIPELINE.logs)}
        sys.stderr.write(json.dumps(books) + "\n")


class Backend(asyncio.Protocol):
    """An OTLP backend that reads everything and accepts it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer every complete request."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if found and len(body) >= content_length(head):
            self._buffer = b""
            self._transport.write(  # type: ignore[attr-defined]
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
            )


def content_length(head: bytes) -> int:
    """The length that a message head announces."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def accept(port: int) -> None:
    """Be the backend until the process ends."""
    server = await asyncio.get_running_loop().create_server(Backend, "127.0.0.1", port)
    await server.serve_forever()


async def load(port: int, requests: int) -> None:
    """Send requests over kept-alive connections, one after the other on each, and print their rate."""
    started = time.perf_counter()
    await asyncio.gather(*(_client(port, requests // CONNECTIONS) for _ in range(CONNECTIONS)))
    sys.stdout.write(f"{requests / (time.perf_counter() - started):.0f}\n")


async def _client(port: int, requests: int) -> None:
    from chassis.auth.tokens import ServiceTokens

    token = ServiceTokens(CALLER, caller_key()).token_for(CALLEE)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(requests):
        writer.write(
            b"GET /orders/%d HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n"
            b"x-correlation-id: bench-%d\r\nx-request-timeout-ms: 4500\r\nx-service-token: %b\r\n"
            b"traceparent: 00-%032x-%016x-01\r\n\r\n" % (number, number, token.encode(), number + 1, number + 1)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        await reader.readexactly(content_length(head))
    writer.close()


def main() -> None:
    """Take a role until told to stop."""
    import uvloop

    role, port = sys.argv[1], int(sys.argv[2])
    roles: dict[str, Callable[[], Any]] = {
        "accept": lambda: accept(port),
        "load": lambda: load(port, int(sys.argv[3])),
    }
    with suppress(KeyboardInterrupt):
        uvloop.run(roles.get(role, lambda: serve(role, port, sys.argv[3]))())


if __name__ == "__main__":
    main()
