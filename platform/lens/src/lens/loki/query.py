"""Answering `query_range`: parameters, the lines, and streams of them."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast, get_args

import msgspec

from lens.loki.labels import labels_of
from lens.loki.parser import parse
from lens.loki.plan import scope_of
from lens.loki.syntax import LogQuery
from lens.store import logs
from lens.store.logs import Direction

DEFAULT_LIMIT = 100
MAX_LIMIT = 5_000
DEFAULT_RANGE_NS = 3_600 * 10**9
_SECOND_NS = 10**9
_LONGEST_NS = 2**63 - 1


class RangeError(Exception):
    """A parameter beside the query that cannot be understood; the message names it."""


class RangeQuery(msgspec.Struct, frozen=True):
    """A query with its time range in Unix nanoseconds (end excluded), limit and direction."""

    query: LogQuery
    start_ns: int
    end_ns: int
    limit: int
    direction: Direction


def parse_range(query: str, *, start: str, end: str, limit: str, direction: str, now_ns: int) -> RangeQuery:
    """A range query from its parameters; raises RangeError or LogQueryError."""
    end_ns = parse_time(end, "end", now_ns)
    start_ns = parse_time(start, "start", end_ns - DEFAULT_RANGE_NS)
    if start_ns > end_ns:
        raise RangeError("end timestamp must not be before start timestamp")
    if limit and not (re.fullmatch(r"\d{1,9}", limit, re.ASCII) and 1 <= int(limit) <= MAX_LIMIT):
        raise RangeError(f"limit is {limit!r}; give a number from 1 to {MAX_LIMIT}")
    wanted = direction.lower() or "backward"
    if wanted not in get_args(Direction):
        raise RangeError(f"direction is {direction!r}; give forward or backward")
    return RangeQuery(parse(query), start_ns, end_ns, int(limit or DEFAULT_LIMIT), cast("Direction", wanted))


def parse_time(text: str, name: str, default: int) -> int:
    """Unix nanoseconds of a time given in nanoseconds, in seconds (ten digits or a fraction) or in RFC 3339."""
    if not text:
        return default
    if re.fullmatch(r"\d{1,10}(\.\d{0,9})?", text, re.ASCII):
        whole, _, fraction = text.partition(".")
        return int(whole) * _SECOND_NS + int(fraction.ljust(9, "0"))
    if re.fullmatch(r"\d{11,19}", text, re.ASCII):
        return min(int(text), _LONGEST_NS)
    try:
        moment = datetime.fromisoformat(text)
        since = moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.fromtimestamp(0, UTC)
    except (ValueError, OverflowError) as error:
        raise RangeError(f"{name} is {text[:64]!r}; give nanoseconds since 1970, or RFC 3339") from error
    return max(0, ((since.days * 86_400 + since.seconds) * 10**6 + since.microseconds) * 1_000)


def answer(connection: sqlite3.Connection, wanted: RangeQuery) -> dict[str, Any]:
    """The `streams` result: one stream per set of labels, its lines in the order asked for."""
    streams: dict[tuple[tuple[str, str], ...], list[tuple[str, str]]] = {}
    for labels, time_ns, line in _selected(connection, wanted):
        streams.setdefault(tuple(sorted(labels.items())), []).append((str(time_ns), line))
    result = [{"stream": dict(labels), "values": values} for labels, values in streams.items()]
    return {"status": "success", "data": {"resultType": "streams", "result": result, "stats": {}}}


def _selected(connection: sqlite3.Connection, wanted: RangeQuery) -> Iterator[tuple[dict[str, str], int, str]]:
    known = logs.log_services(connection)
    scope = scope_of(wanted.query, wanted.start_ns, wanted.end_ns, wanted.direction, known)
    resources: dict[int, dict[str, Any]] = {}
    left = wanted.limit
    for line in logs.read_lines(connection, scope):
        if line.resource not in resources:
            resources[line.resource] = logs.resource_attributes(connection, line.resource)
        labels = labels_of(line, resources[line.resource])
        if wanted.query.matches(labels, line.body):
            yield labels, line.time_ns, line.body
            left -= 1
            if not left:
                return
