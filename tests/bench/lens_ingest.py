"""How fast lens stores spans, and how fast it finds one order's traces among a million of them.

    python tests/bench/lens_ingest.py [--spans 1000000] [--searches 200] [--json]

Sends traces as our services do (OTLP JSON, 512 spans a request, 40 spans a trace over seven services) to a lens process
of its own. The rate is spans per second of that process's CPU time, which is what one core can take; beside it stands
the rate by the clock. Exit code 1 when a figure is missed.
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
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parents[2]
SERVICES = ("edge", "orders", "accounts", "inventory", "payments", "notifications")
SPANS_A_TRACE = 40
SPANS_A_REQUEST = 512
SENDERS = 3
GOAL_SPANS_PER_SECOND = 10_000
GOAL_SEARCH_MS = 100.0
_local = threading.local()


def main() -> int:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--searches", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lens-bench-") as folder:
        figures = measure(Path(folder), options.spans, options.searches)
    lines = [f"{name:32} {value:,.1f}" for name, value in figures.items()]
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else "\n".join(lines) + "\n")
    return int(figures["spans_per_cpu_second"] < GOAL_SPANS_PER_SECOND or figures["search_p99_ms"] > GOAL_SEARCH_MS)


def measure(folder: Path, spans: int, searches: int) -> dict[str, float]:
    """All figures of one run on an empty store in `folder`."""
    port = 7690
    process = start(folder, port)
    try:
        cpu, began = cpu_seconds(process.pid), time.perf_counter()
        ingest(port, spans)
        _local.__dict__.clear()  # the server has closed this thread's idle connection
        wall, used = time.perf_counter() - began, cpu_seconds(process.pid) - cpu
        times = [search(port, trace) for trace in random.choices(range(spans // SPANS_A_TRACE), k=searches)]
        size = sum(file.stat().st_size for file in folder.iterdir())
        memory = resident_bytes(process.pid)
    finally:
        process.terminate()
        process.wait(20)
    return {
        "spans": spans,
        "spans_per_cpu_second": spans / used,
        "spans_per_second": spans / wall,
        "search_p50_ms": statistics.median(times),
        "search_p99_ms": statistics.quantiles(times, n=100)[98],
        "bytes_per_span": size / spans,
        "resident_mb": memory / 1e6,
    }


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


if __name__ == "__main__":
    sys.exit(main())
