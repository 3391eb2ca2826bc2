"""Waiting until telemetry of a request has arrived: services export it once a second."""

import time
from collections.abc import Callable
from typing import TypeVar

from pharos.telemetry.find import Finder
from pharos.telemetry.model import FoundTraces, LogLine

Found = TypeVar("Found")
EXPORT_INTERVAL_SECONDS = 1.0
QUIET_SECONDS = EXPORT_INTERVAL_SECONDS + 0.25
OLD_SECONDS = 5.0
POLL_SECONDS = 0.2


def wait_for_traces(finder: Finder, wanted: str, wait_seconds: float) -> FoundTraces | None:
    """The traces of an ID when they are complete and no more comes, or as they are after `wait_seconds`."""

    def settled(found: FoundTraces | None, quiet_seconds: float) -> bool:
        if found is None or not found.complete:
            return False
        return quiet_seconds >= QUIET_SECONDS or _is_old(max(trace.end_unix_nano for trace in found.traces))

    found = _poll(lambda: finder.traces(wanted), settled, wait_seconds)
    return finder.traces(wanted, everywhere=True) if found else None


def wait_for_lines(finder: Finder, wanted: str, wait_seconds: float) -> list[LogLine]:
    """The log lines of an ID when no more comes, or as they are after `wait_seconds`."""

    def settled(found: list[LogLine], quiet_seconds: float) -> bool:
        return bool(found) and (quiet_seconds >= QUIET_SECONDS or _is_old(found[-1].time_unix_nano))

    return _poll(lambda: finder.lines(wanted), settled, wait_seconds)


def _is_old(moment_ns: int) -> bool:
    return time.time_ns() - moment_ns > OLD_SECONDS * 10**9


def _poll(look: Callable[[], Found], settled: Callable[[Found, float], bool], wait_seconds: float) -> Found:
    began = changed = time.monotonic()
    found = look()
    while not settled(found, time.monotonic() - changed) and time.monotonic() - began < wait_seconds:
        time.sleep(POLL_SECONDS)
        newer = look()
        if newer != found:
            found, changed = newer, time.monotonic()
    return found
