"""What a replica has answered so far, read from its own ``/metrics``."""

import asyncio
import re
from collections.abc import Mapping

from warden.decide.model import Failure, Window
from warden.probe import HERE, http_get

_LINE = re.compile(rb"^http_server_request_duration_seconds_(count|sum)\{(.*?)\} ([0-9.eE+-]+)", re.MULTILINE)
_FAILED = re.compile(rb'http_response_status_code="5\d\d"[^\n]*# \{([^}\n]*)\} [0-9.eE+-]+ ([0-9.]+)')
_TRACE = re.compile(rb'\btrace_id="([0-9a-f]{32})"')
_SPAN = re.compile(rb'\bspan_id="([0-9a-f]{16})"')
_STATUS = re.compile(rb'http_response_status_code="(\d+)"')
_OURS = re.compile(rb'http_route="/(?:health/|metrics")')


async def observed(port: int, host: str = HERE) -> tuple[Window, Failure | None] | None:
    """What the replica at this port has answered, and its last failure, if it names one."""
    text = await _metrics(port, host)
    return None if text is None else (counted(text), last_failure(text))


async def answered(port: int, host: str = HERE) -> Window | None:
    """All that the replica at this port has answered since it started, probes left out; None if it does not say."""
    text = await _metrics(port, host)
    return None if text is None else counted(text)


async def answered_by_each(places: Mapping[str, tuple[str, int]]) -> dict[str, Window]:
    """What each of these has answered so far, by instance, from where it is; those that do not say are left out."""
    counted = await asyncio.gather(*(answered(port, host) for host, port in places.values()))
    return {instance: window for instance, window in zip(places, counted, strict=True) if window is not None}


async def _metrics(port: int, host: str = HERE) -> bytes | None:
    try:
        status, text = await http_get(port, "/metrics", host=host)
    except OSError:
        return None
    return text if status == 200 else None


def last_failure(metrics: bytes) -> Failure | None:
    """The last request that was answered with an error, by the exemplars; None if there is none."""
    _, labels = max(((float(at), labels) for labels, at in _FAILED.findall(metrics)), default=(0.0, b""))
    trace, span = _TRACE.search(labels), _SPAN.search(labels)
    return Failure(trace[1].decode(), span[1].decode() if span else "") if trace else None


def counted(metrics: bytes) -> Window:
    """The requests in a replica's metrics, probes left out."""
    requests, errors, seconds = 0, 0, 0.0
    for kind, labels, value in _LINE.findall(metrics):
        if _OURS.search(labels):
            continue
        if kind == b"sum":
            seconds += float(value)
            continue
        requests += round(float(value))
        status = _STATUS.search(labels)
        if status and int(status[1]) >= 500:
            errors += round(float(value))
    return Window(requests, errors, seconds)


def between(before: Mapping[str, Window], after: Mapping[str, Window]) -> dict[str, Window]:
    """What each replica answered in between; one that started anew counts from its start."""
    return {instance: _since(before.get(instance, Window()), window) for instance, window in after.items()}


def _since(before: Window, after: Window) -> Window:
    if after.requests < before.requests:
        return after
    return Window(after.requests - before.requests, after.errors - before.errors, after.seconds - before.seconds)
