"""What telemetry costs: CPU of a fully instrumented request divided by that of a bare Litestar one.

Two servers run side by side, the same application on granian's embedded server: one bare, one with every request
traced, measured, logged and exported to an OTLP backend. A separate process sends real HTTP to each in turns, so that
whatever else the machine does meets both. CPU is the server process's own, all threads, user and system.

python tests/bench/request_cost.py [--rounds N] [--requests N] [--goal RATIO] [--json]
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

CONNECTIONS = 8
SETTLE = 1.3
"""Seconds after a round in which what it left behind is still exported and counted."""

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


@contextmanager
def process(*arguments: str, output: Any = None) -> Iterator[subprocess.Popen[bytes]]:
    """This file in another role, ended with the block."""
    child = subprocess.Popen([sys.executable, __file__, *arguments], stdout=output)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(10)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until something listens."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


def cpu(port: int) -> int:
    """CPU nanoseconds that a server's process has used."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/cpu")
    return int(connection.getresponse().read())


def run_round(port: int, requests: int) -> tuple[float, float]:
    """CPU microseconds per request, and requests per second, of one round."""
    before = cpu(port)
    sent = subprocess.run(
        [sys.executable, __file__, "load", str(port), str(requests)], check=True, capture_output=True
    ).stdout
    time.sleep(SETTLE)
    return (cpu(port) - before) / requests / 1000, float(sent)


def measure(rounds: int, requests: int) -> dict[str, float]:
    """Medians over the rounds, the first of each being a warm-up."""
    backend, bare, full = free_port(), free_port(), free_port()
    endpoint = f"http://127.0.0.1:{backend}"
    with ExitStack() as stack:
        logs = stack.enter_context(tempfile.TemporaryFile())
        stack.enter_context(process("accept", str(backend)))
        stack.enter_context(process("bare", str(bare), endpoint, output=logs))
        stack.enter_context(process("full", str(full), endpoint, output=logs))
        for port in (backend, bare, full):
            wait_for(port)
        taken: dict[int, list[tuple[float, float]]] = {bare: [], full: []}
        for _ in range(rounds + 1):
            for port in (bare, full):
                taken[port].append(run_round(port, requests))
    costs = {port: statistics.median(cost for cost, _ in figures[1:]) for port, figures in taken.items()}
    rates = {port: statistics.median(rate for _, rate in figures[1:]) for port, figures in taken.items()}
    return {
        "bare_us": round(costs[bare], 1),
        "full_us": round(costs[full], 1),
        "ratio": round(costs[full] / costs[bare], 2),
        "bare_rps": rates[bare],
        "full_rps": rates[full],
        "throughput_kept": round(rates[full] / rates[bare], 2),
    }


def main() -> int:
    """Run a role of the benchmark, or the whole of it."""
    if len(sys.argv) > 1 and sys.argv[1] in {"bare", "full", "accept", "load"}:
        import uvloop

        role, port = sys.argv[1], int(sys.argv[2])
        roles: dict[str, Callable[[], Any]] = {
            "accept": lambda: accept(port),
            "load": lambda: load(port, int(sys.argv[3])),
        }
        with suppress(KeyboardInterrupt):
            uvloop.run(roles.get(role, lambda: serve(role, port, sys.argv[3]))())
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=8000)
    parser.add_argument("--goal", type=float, default=5.0, help="exit 1 when the ratio is higher")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = measure(arguments.rounds, arguments.requests)
    if arguments.json:
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        for name, value in result.items():
            sys.stdout.write(f"{name:>16}  {value:g}\n")
    return 0 if result["ratio"] <= arguments.goal else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
