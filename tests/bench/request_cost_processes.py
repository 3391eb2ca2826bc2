"""The processes of the request cost benchmark: two servers to compare, the backend they export to, and the client.

python -m bench.request_cost_processes bare|full PORT ENDPOINT, accept PORT, or load PORT REQUESTS
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

CONNECTIONS = 8

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


def with_cpu(app: App) -> App:
    """The application, and `/cpu`, which tells the process's CPU time in nanoseconds without touching it."""

    async def wrapped(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/cpu":
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(time.process_time_ns()).encode()})

    return wrapped


def application() -> App:
    """A small Litestar application: one route with a path parameter, a typed answer."""
    import msgspec
    from litestar import Litestar, get

    class Order(msgspec.Struct):
        order_id: str
        status: str
        total: int

    @get("/orders/{order_id:str}")
    async def get_order(order_id: str) -> Order:
        return Order(order_id, "confirmed", 1999)

    return Litestar([get_order], openapi_config=None, logging_config=None)  # type: ignore[return-value]


async def serve(kind: str, port: int, endpoint: str) -> None:
    """Serve the bare or the instrumented application until SIGTERM."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    app, telemetry = application(), None
    if kind == "full":
        from chassis.telemetry import TelemetrySettings, configure
        from chassis.telemetry.asgi import TelemetryMiddleware

        telemetry = configure(TelemetrySettings(service="bench", instance="bench-1", endpoint=endpoint))
        await telemetry.start()
        app = TelemetryMiddleware(app)
    server = Server(with_cpu(app), port=port, interface=Interfaces.ASGI, log_enabled=False)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()
    if telemetry is not None:
        await telemetry.shutdown()
        books = {queue.signal: [queue.produced, queue.delivered] for queue in (telemetry.traces, telemetry.logs)}
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
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(requests):
        writer.write(
            b"GET /orders/%d HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\nuser-agent: bench\r\n"
            b"accept-encoding: gzip\r\n\r\n" % number
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
