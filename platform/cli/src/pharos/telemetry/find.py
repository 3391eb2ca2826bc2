"""From an ID to what it stands for: a trace ID, a correlation ID or an order ID, whichever is known."""

import re
import time
from collections.abc import Callable, Iterable

from pharos.errors import CliError
from pharos.telemetry.jaeger import Jaeger
from pharos.telemetry.loki import Loki
from pharos.telemetry.model import CORRELATION, ORDER, FoundTraces, LogLine, Trace

FIRST_SERVICE = "edge"
"""Every request from outside begins there."""
LOOK_BACK_NS = 7 * 24 * 3_600 * 10**9
CLOCK_SKEW_NS = 60 * 10**9
_ID = re.compile("[A-Za-z0-9_-]{8,64}")
_TRACE_ID = re.compile("[0-9a-fA-F]{32}")
_TRACES_IN_A_QUERY = 20


class NotAnIdError(CliError):
    """The argument cannot be an ID of ours."""


def check_id(text: str) -> str:
    """The ID itself; raises NotAnIdError."""
    if not _ID.fullmatch(text):
        hint = "an ID has 8 to 64 letters, digits, _ or -; ./just order prints one"
        raise NotAnIdError(f"{text[:80]!r} is no correlation, trace or order ID", hint)
    return text


class Finder:
    """Looks IDs up in one Jaeger and one Loki."""

    def __init__(self, jaeger: Jaeger, loki: Loki, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._jaeger = jaeger
        self._loki = loki
        self._now_ns = now_ns

    def traces(self, wanted: str, *, everywhere: bool = False) -> FoundTraces | None:
        """The traces of an ID, or None.

        The service where requests begin is asked first, the others when it knows nothing, or when `everywhere`.
        """
        for search in (self._by_trace_id, self._by_correlation, self._by_order):
            if own := search(wanted, everywhere):
                correlation = next((value for trace in own for value in trace.values(CORRELATION)), "")
                known = correlation in {"", wanted}
                related = [] if known else self._tagged(CORRELATION, correlation, everywhere)
                others = sorted(_merged(own[1:], related), key=_start)
                return FoundTraces(correlation, _merged(own[:1], others))
        return None

    def lines(self, wanted: str) -> list[LogLine]:
        """The log lines of an ID in order of time: by its correlation ID and by its traces."""
        found = self.traces(wanted)
        now = self._now_ns()
        conditions = {("correlation_id", wanted): None}
        start = now - LOOK_BACK_NS
        if found:
            conditions[("correlation_id", found.correlation_id or wanted)] = None
            conditions |= {("trace_id", trace.trace_id): None for trace in found.traces[:_TRACES_IN_A_QUERY]}
            start = min(trace.start_unix_nano for trace in found.traces) - CLOCK_SKEW_NS
        if _TRACE_ID.fullmatch(wanted):
            conditions[("trace_id", wanted.lower())] = None
        return self._loki.lines(conditions, start, now + CLOCK_SKEW_NS)

    def _by_trace_id(self, wanted: str, _everywhere: bool) -> list[Trace]:
        trace = self._jaeger.trace(wanted.lower()) if _TRACE_ID.fullmatch(wanted) else None
        return [trace] if trace else []

    def _by_correlation(self, wanted: str, everywhere: bool) -> list[Trace]:
        """The one that placed an order first, then by time."""
        traces = self._tagged(CORRELATION, wanted, everywhere)
        return sorted(traces, key=lambda trace: (not trace.values(ORDER), trace.start_unix_nano))

    def _by_order(self, wanted: str, everywhere: bool) -> list[Trace]:
        return sorted(self._tagged(ORDER, wanted, everywhere), key=_start)

    def _tagged(self, key: str, value: str, everywhere: bool) -> list[Trace]:
        now = self._now_ns()
        found: list[Trace] = []
        for service in self._services():
            found += self._jaeger.search(service, {key: value}, now - LOOK_BACK_NS, now + CLOCK_SKEW_NS)
            if found and not everywhere:
                break
        return _merged(found)

    def _services(self) -> Iterable[str]:
        yield FIRST_SERVICE
        yield from (name for name in self._jaeger.services() if name != FIRST_SERVICE)


def _merged(*groups: Iterable[Trace]) -> list[Trace]:
    """Each trace once, as it came first."""
    traces: dict[str, Trace] = {}
    for trace in (trace for group in groups for trace in group):
        traces.setdefault(trace.trace_id, trace)
    return list(traces.values())


def _start(trace: Trace) -> int:
    return trace.start_unix_nano
