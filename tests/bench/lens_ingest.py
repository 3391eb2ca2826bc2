"""How fast lens stores spans, and how fast it finds an order's traces among a million of them, or lists them.

python -m bench.lens_ingest [--spans 1000000] [--searches 200] [--json]

Sends traces as our services do (OTLP JSON, 512 spans a request, 40 spans a trace over seven services) to a lens process
of its own. The rate is spans per second of that process's CPU time, which is what one core can take; beside it stands
the rate by the clock.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from bench.report import Figure, show
from testkit.servers import free_port

ROOT = Path(__file__).parents[2]
SERVICES = ("edge", "orders", "accounts", "inventory", "payments", "notifications")
SPANS_A_TRACE = 40
SPANS_A_REQUEST = 512
SENDERS = 3
SPANS = 1_000_000
SEARCHES = 200
SPANS_PER_SECOND = 10_000
SEARCH_MS = 100.0
_local = threading.local()


def measure(spans: int = SPANS, searches: int = SEARCHES) -> Iterator[Figure]:
    """The figures of one run on an empty store."""
    with tempfile.TemporaryDirectory(prefix="lens-bench-") as name:
        folder, port = Path(name), free_port()
        process = start(folder, port)
        try:
            cpu, began = cpu_seconds(process.pid), time.perf_counter()
            ingest(port, spans)
            _local.__dict__.clear()  # the server has closed this thread's idle connection
            wall, used = time.perf_counter() - began, cpu_seconds(process.pid) - cpu
            chosen = random.choices(range(spans // SPANS_A_TRACE), k=searches)
            times = [search(port, trace) for trace in chosen]
            lists = [list_traces(port, query) for trace in chosen for query in queries(trace)]
            size = sum(file.stat().st_size for file in folder.iterdir())
            memory = resident_bytes(process.pid)
        finally:
            process.terminate()
            process.wait(20)
    p99, p99_of_lists = (statistics.quantiles(some, n=100)[98] for some in (times, lists))
    found = f"search by correlation ID over {spans:,} spans"
    yield Figure(what="lens: spans per second of its CPU time", measured=spans / used, at_least=SPANS_PER_SECOND)
    yield Figure(what="lens: spans per second by the clock", measured=spans / wall)
    yield Figure(what=f"lens: {found}, p99", measured=p99, unit="ms", at_most=SEARCH_MS)
    yield Figure(what=f"lens: {found}, median", measured=statistics.median(times), unit="ms")
    listed = f"list of traces over {spans:,} spans"
    yield Figure(what=f"lens: {listed}, p99", measured=p99_of_lists, unit="ms", at_most=SEARCH_MS)
    yield Figure(what="lens: space of a span on disk", measured=size / spans, unit="bytes")
    yield Figure(what="lens: memory afterwards (RSS)", measured=memory / 2**20, unit="MB")


def start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A lens process that is ready."""
    environment = {
        "PATH": os.environ["PATH"],
        "PHAROS_MANIFEST": str(ROOT / "platform" / "lens" / "service.toml"),
        "PHAROS_PORT": str(port),
        "LENS_DATA": str(folder),
        "LENS_MAX_BYTES": str(2**40),
        "MALLOC_ARENA_MAX": "2",
    }
    process = subprocess.Popen([sys.executable, "-m", "lens"], env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            if get(port, "/health/ready")[0] == 200:
                return process
        except OSError:
            time.sleep(0.05)
    raise SystemExit("lens did not start")


def ingest(port: int, spans: int) -> None:
    """Send all spans by several senders, and fail unless each request is acknowledged."""
    traces_a_request = -(-SPANS_A_REQUEST // SPANS_A_TRACE)

    def send(first: int) -> None:
        traces = range(first, min(first + traces_a_request, spans // SPANS_A_TRACE))
        headers = {"Content-Type": "application/json"}
        status, body = request(port, "POST", "/v1/traces", request_body(traces), headers)
        if status != 200 or body != b"{}":
            raise SystemExit(f"HTTP {status}: {body!r}")

    with ThreadPoolExecutor(SENDERS) as senders:
        for _ in senders.map(send, range(0, spans // SPANS_A_TRACE, traces_a_request)):
            pass


def request_body(traces: range) -> bytes:
    """An export request, grouped by service as a process would send it."""
    groups = []
    for service in SERVICES:
        spans = ",".join(
            span(trace, number)
            for trace in traces
            for number in range(SPANS_A_TRACE)
            if SERVICES[number % len(SERVICES)] == service
        )
        names = text("service.name", service), text("service.instance.id", f"{service}-1")
        resource = f'{{"attributes":[{",".join(names)}]}}'
        groups.append(f'{{"resource":{resource},"scopeSpans":[{{"spans":[{spans}]}}]}}')
    return f'{{"resourceSpans":[{",".join(groups)}]}}'.encode()


def span(trace: int, number: int) -> str:
    """One span with the attributes of an SQL statement, a call or a request."""
    begin = time.time_ns()
    parent = f'"parentSpanId":"{trace:08x}{number:08x}",' if number else ""
    attributes = ",".join(
        (
            text("correlation.id", correlation_id(trace)),
            text("order.id", f"order-{trace:024x}"),
            text("db.system.name", "postgresql"),
            text("db.namespace", "orders"),
            text("db.query.text", "SELECT order_id, status, total FROM orders WHERE order_id = $1 FOR UPDATE"),
            text("server.address", "127.0.0.1"),
            '{"key":"server.port","value":{"intValue":"7705"}}',
            text("code.function.name", "orders.handlers.place_order"),
        )
    )
    ids = f'"traceId":"{trace + 1:032x}","spanId":"{trace:08x}{number + 1:08x}"'
    times = f'"startTimeUnixNano":"{begin}","endTimeUnixNano":"{begin + 900_000}"'
    return f'{{{ids},{parent}"name":"SELECT orders {number}","kind":3,{times},"attributes":[{attributes}]}}'


def text(key: str, value: str) -> str:
    """An attribute."""
    return f'{{"key":"{key}","value":{{"stringValue":"{value}"}}}}'


def correlation_id(trace: int) -> str:
    """The correlation ID of the n-th trace."""
    return f"{(trace * 2_654_435_761) % 2**64:016x}-bench"


def search(port: int, trace: int) -> float:
    """Milliseconds until the whole trace of a correlation ID is there."""
    tags = json.dumps({"correlation.id": correlation_id(trace)})
    path = "/api/traces?" + urlencode({"service": "edge", "tags": tags})
    began = time.perf_counter()
    status, body = get(port, path)
    elapsed = (time.perf_counter() - began) * 1_000
    (found,) = json.loads(body)["data"]
    if status != 200 or len(found["spans"]) != SPANS_A_TRACE:
        raise SystemExit(f"HTTP {status}, {len(found['spans'])} spans")
    return elapsed


def queries(trace: int) -> tuple[dict[str, str], ...]:
    """What people ask the console's list for: all, a service's, one operation's, the failed and slow, an ID."""
    return (
        {},
        {"service": SERVICES[trace % len(SERVICES)]},
        {"operation": f"SELECT orders {trace % SPANS_A_TRACE}"},
        {"errors": "1", "min_ms": "1000"},
        {"text": correlation_id(trace)},
    )


def list_traces(port: int, query: dict[str, str]) -> float:
    """Milliseconds until the console's list of fifty traces is there."""
    began = time.perf_counter()
    status, body = get(port, "/api/console/traces?" + urlencode(query))
    elapsed = (time.perf_counter() - began) * 1_000
    if status != 200 or b'"traces"' not in body:
        raise SystemExit(f"HTTP {status}: {body[:200]!r}")
    return elapsed


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body of a GET."""
    return request(port, "GET", path, None, {})


def request(port: int, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and body, over this thread's own connection, which is kept."""
    connection = getattr(_local, "connection", None) or HTTPConnection("127.0.0.1", port, timeout=60)
    _local.connection = connection
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    except OSError:
        connection.close()
        raise


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Memory of a process that is in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Run with another number of spans or searches."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spans", type=int, default=SPANS)
    parser.add_argument("--searches", type=int, default=SEARCHES)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.exit(show(measure(options.spans, options.searches), as_json=options.json))


if __name__ == "__main__":
    main()
