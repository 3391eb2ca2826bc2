"""The parameters of `/api/traces`, parsed as Jaeger does: microseconds, Go durations, tags as JSON or `key:value`."""

import re
import time
from collections.abc import Callable, Sequence
from fractions import Fraction

import msgspec

from lens.store.traces import TraceSearch

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_500
DEFAULT_LOOKBACK_NS = 2 * 24 * 3_600 * 10**9
_UNITS_NS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3_600 * 10**9,
}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_LONGEST_NS = 2**63 - 1
_decode_tags = msgspec.json.Decoder(dict[str, str]).decode


class QueryError(Exception):
    """A parameter that cannot be understood; the message names it."""


def parse_search(values: Callable[[str], Sequence[str]], now_ns: Callable[[], int] = time.time_ns) -> TraceSearch:
    """A search from query parameters, `values` giving all values of a name; raises QueryError."""

    def first(name: str) -> str:
        return next(iter(values(name)), "")

    if not first("service"):
        raise QueryError("parameter 'service' is required")
    shortest = duration_ns(first("minDuration"), "minDuration", 0)
    longest = duration_ns(first("maxDuration"), "maxDuration", _LONGEST_NS)
    if longest < shortest:
        raise QueryError("'maxDuration' should be greater than 'minDuration'")
    return TraceSearch(
        service=first("service"),
        operation=first("operation") or None,
        tags=_tags(values("tag"), values("tags")),
        start_ns=_time_ns(first("start"), "start", now_ns() - DEFAULT_LOOKBACK_NS),
        end_ns=_time_ns(first("end"), "end", now_ns()),
        min_duration_ns=shortest,
        max_duration_ns=longest,
        limit=_limit(first("limit")),
    )


def duration_ns(text: str, name: str, default: int) -> int:
    """Nanoseconds of a Go duration such as `1.5s`, `100ms` or `1m30s`; raises QueryError."""
    if not text:
        return default
    total, position = Fraction(0), 0
    while part := _PART.match(text, position):
        total += Fraction(part[1].rstrip(".") if part[1] != "." else 0) * _UNITS_NS[part[2]]
        position = part.end()
    if text != "0" and (position != len(text) or total > _LONGEST_NS):
        raise QueryError(f"unable to parse param '{name}': invalid duration {text!r}; write for example 100ms or 1.5s")
    return int(total)


def parse_trace_id(text: str) -> bytes:
    """The 16 bytes of a trace id of up to 32 hex digits; raises QueryError."""
    if not re.fullmatch("[0-9a-fA-F]{1,32}", text):
        raise QueryError(f"trace id {text[:64]!r} is not up to 32 hex digits")
    return bytes.fromhex(text.zfill(32))


def _time_ns(text: str, name: str, default: int) -> int:
    if not text:
        return default
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        raise QueryError(f"unable to parse param '{name}': {text!r} is not microseconds since 1970")
    return max(-_LONGEST_NS, min(_LONGEST_NS, int(text) * 1_000))


def _limit(text: str) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not 1 <= int(text) <= MAX_LIMIT:
        raise QueryError(f"unable to parse param 'limit': {text!r} is not a number from 1 to {MAX_LIMIT}")
    return int(text)


def _tags(pairs: Sequence[str], objects: Sequence[str]) -> dict[str, str]:
    tags = {}
    for pair in pairs:
        key, colon, value = pair.partition(":")
        if not colon:
            raise QueryError(f"malformed 'tag' parameter, expecting key:value, received: {pair}")
        tags[key] = value
    for text in objects:
        try:
            tags.update(_decode_tags(text))
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise QueryError(f"malformed 'tags' parameter, expecting a JSON object of text values: {error}") from error
    return tags
