"""What the chassis costs: CPU of a request to a service divided by that of a bare Litestar one.

Two servers run side by side, the same handler on granian's embedded server: one bare, one as a service has it, with
every caller verified and every request bound to its deadline, traced, measured, logged and exported to an OTLP backend.
A separate process sends the same real HTTP to each in turns, so that whatever else the machine does meets both. CPU is
the server process's own, all threads, user and system.

python -m bench.request_cost [--rounds N] [--requests N] [--json]
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from typing import IO, NamedTuple

from bench.report import Figure, show
from chassis.auth.keys import generate
from testkit.servers import free_port

ROUNDS = 5
REQUESTS = 8000
SETTLE = 1.3
"""Seconds after a round in which what it left behind is still exported and counted."""
PROCESSES = (sys.executable, "-m", "bench.request_cost_processes")


class Round(NamedTuple):
    """CPU microseconds per request, and requests per second."""

    cost: float
    rate: float


def measure(rounds: int = ROUNDS, requests: int = REQUESTS) -> Iterator[Figure]:
    """Medians over the rounds, the first of each being a warm-up."""
    backend, bare, full = free_port(), free_port(), free_port()
    endpoint = f"http://127.0.0.1:{backend}"
    with tempfile.TemporaryFile() as books, ExitStack() as stack:
        stack.enter_context(process("accept", str(backend)))
        stack.enter_context(process("bare", str(bare), endpoint))
        stack.enter_context(process("full", str(full), endpoint, errors=books))
        for port in (backend, bare, full):
            wait_for(port)
        taken: dict[int, list[Round]] = {bare: [], full: []}
        for _ in range(rounds + 1):
            for port, done in taken.items():
                done.append(run_round(port, requests))
        stack.close()
        produced, delivered = delivery(books)
    costs = {port: statistics.median(one.cost for one in done[1:]) for port, done in taken.items()}
    rates = {port: statistics.median(one.rate for one in done[1:]) for port, done in taken.items()}
    yield Figure(what="CPU of a request ÷ bare Litestar", measured=costs[full] / costs[bare], at_most=5, goal=3.5)
    yield Figure(what="CPU of a bare request", measured=costs[bare], unit="µs")
    yield Figure(what="CPU of a request with everything on", measured=costs[full], unit="µs")
    yield Figure(what="throughput kept with everything on", measured=100 * rates[full] / rates[bare], unit="%", goal=70)
    yield Figure(what="spans and log records delivered", measured=delivered, at_least=max(produced, 2 * requests))


@contextmanager
def process(*arguments: str, errors: IO[bytes] | None = None) -> Iterator[None]:
    """A process in one of the roles, ended with the block."""
    child = subprocess.Popen([*PROCESSES, *arguments], stdout=subprocess.DEVNULL, stderr=errors, env=environment())
    try:
        yield
    finally:
        child.terminate()
        child.wait(10)


@cache
def environment() -> dict[str, str]:
    """Of all processes: the key that the client signs with and the server knows."""
    return {**os.environ, "BENCH_KEY": json.dumps(generate("bench"))}


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
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/cpu")
    return int(connection.getresponse().read())


def run_round(port: int, requests: int) -> Round:
    """Send so many requests to one server."""
    before = cpu(port)
    sent = subprocess.run(
        [*PROCESSES, "load", str(port), str(requests)], check=True, capture_output=True, env=environment()
    ).stdout
    time.sleep(SETTLE)
    return Round((cpu(port) - before) / requests / 1000, float(sent))


def delivery(books: IO[bytes]) -> tuple[int, int]:
    """How many spans and log records the instrumented server produced, and how many of them it delivered."""
    books.seek(0)
    signals = json.loads(books.read().splitlines()[-1]).values()
    return sum(produced for produced, _ in signals), sum(delivered for _, delivered in signals)


def main() -> None:
    """Run with other numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.exit(show(measure(options.rounds, options.requests), as_json=options.json))


if __name__ == "__main__":
    main()
