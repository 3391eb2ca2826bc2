"""What the telemetry of one order amounts to, held against what its services wrote to their log files."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pharos.telemetry.jaeger import Jaeger
from pharos.telemetry.loki import Loki
from pharos.telemetry.model import CORRELATION, LogLine, Trace

SERVICES = frozenset({"edge", "accounts", "inventory", "orders", "payments", "notifications"})
ORDER_STATUS = "order.status"
IDS = ("service", "message", "trace_id", "span_id", "correlation_id")
CLOCK_SKEW_NS = 60 * 10**9

Line = tuple[str, ...]
Lines = Counter[Line]


@dataclass(frozen=True, slots=True)
class Followed:
    """One order: whether its trace is one and whole, and whether all its log lines are found by either ID."""

    correlation_id: str
    spans: int
    lines: int
    fault: str
    """What is wrong first; empty when nothing is."""


class Follower:
    """Follows the orders of one run."""

    def __init__(self, lens: str, written: dict[str, Lines], began_ns: int) -> None:
        """`written` holds the lines of the log files by correlation ID."""
        self._jaeger = Jaeger(lens)
        self._loki = Loki(lens)
        self._written = written
        self._window = (began_ns - CLOCK_SKEW_NS, time.time_ns() + CLOCK_SKEW_NS)

    def follow(self, correlation_id: str) -> Followed:
        """Look the order up as a person would, in every service."""
        traces = self._traces(correlation_id)
        found = self._found("correlation_id", correlation_id)
        fault = fault_of_traces(traces) or self._fault_of_lines(correlation_id, traces[0].trace_id, found)
        return Followed(correlation_id, sum(len(trace.spans) for trace in traces), found.total(), fault)

    def _traces(self, correlation_id: str) -> list[Trace]:
        known: dict[str, Trace] = {}
        for service in SERVICES:
            for trace in self._jaeger.search(service, {CORRELATION: correlation_id}, *self._window):
                known.setdefault(trace.trace_id, trace)
        return list(known.values())

    def _fault_of_lines(self, correlation_id: str, trace_id: str, found: Lines) -> str:
        if found != self._found("trace_id", trace_id):
            return "its correlation ID and its trace ID find different log lines"
        if missing := SERVICES - {line[0] for line in found}:
            return f"no log line of {', '.join(sorted(missing))}"
        if any("" in line for line in found):
            return "a log line lacks an ID"
        if found != self._written.get(correlation_id):
            return "its stored log lines are not those that were written"
        return ""

    def _found(self, label: str, value: str) -> Lines:
        return Counter(_line_of(line) for line in self._loki.lines([(label, value)], *self._window))


def written_lines(folder: Path) -> dict[str, Lines]:
    """All lines of the services' log files that carry a correlation ID, by it."""
    lines: dict[str, Lines] = {}
    for record in _records(sorted(folder.glob("*.log*"))):
        if correlation_id := record.get("correlation_id"):
            lines.setdefault(correlation_id, Counter())[tuple(record[name] for name in IDS)] += 1
    return lines


def _records(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        for line in file.read_text().splitlines():
            if line.startswith('{"time":'):
                yield json.loads(line)


def _line_of(line: LogLine) -> Line:
    return (line.service, line.message, line.trace_id, line.span_id, line.correlation_id)


def fault_of_traces(traces: list[Trace]) -> str:
    """What is wrong with the traces of one confirmed order; empty when it is one whole trace over all services."""
    if len(traces) != 1:
        return f"{len(traces)} traces"
    if not traces[0].complete:
        return "its trace has a parent missing, or more than one root"
    if missing := SERVICES - set(traces[0].services):
        return f"no span of {', '.join(sorted(missing))}"
    status = traces[0].values(ORDER_STATUS)
    return "" if status == ["confirmed"] else f"its order is {' and '.join(status) or 'of no status'}"
