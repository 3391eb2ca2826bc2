"""Limits on a single request: its head, its JSON, the time its body takes. What is over one is refused and counted."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final, NamedTuple

from prometheus_client import Counter

from chassis.errors import PharosError
from chassis.http.depth import is_deeper
from chassis.http.refusals import tell_refused
from chassis.resilience.deadline import current_deadline
from chassis.resilience.requests import RequestLimits
from chassis.telemetry import names

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

_REJECTED = Counter(
    names.METRIC_REQUEST_LIMIT_REJECTIONS,
    "Requests refused for being over a limit on a single one.",
    ("request_limit",),
)
_JSON: Final = (b"/json", b"+json")
_READ: Final = frozenset({b"host", b"content-length", b"transfer-encoding", b"content-type", b"x-request-priority"})


class OverLimit(PharosError):
    """The request is over a limit on a single one; its document names the limit, what is allowed and what came."""

    def __init__(self, limit: str, detail: str, *, allowed: int | None = None, received: int | None = None) -> None:
        figures = {"allowed": allowed, "received": received}
        super().__init__(detail, limit=limit, **{name: count for name, count in figures.items() if count is not None})
        self.limit = limit


class HeadersTooLarge(OverLimit):
    """There are too many header fields, or they are too large together."""

    status = 431
    reason = "headers-too-large"
    title = "Request header fields too large"


class TargetTooLong(OverLimit):
    """Path and query are too long together."""

    status = 414
    reason = "target-too-long"
    title = "Path and query too long"


class JsonTooDeep(OverLimit):
    """Arrays and objects of the body lie too deep inside each other."""

    status = 400
    reason = "json-too-deep"
    title = "JSON too deep"


class AmbiguousRequest(OverLimit):
    """The head can be read in two ways, by which one request is smuggled past a reader inside another."""

    status = 400
    reason = "ambiguous-request"
    title = "Ambiguous request"


class BodyTooSlow(OverLimit):
    """The request's body did not arrive in the time the whole request has."""

    status = 408
    reason = "request-timeout"
    title = "Request body too slow"


class Head(NamedTuple):
    """What the limits need to know of a request's header fields, read in one pass."""

    fields: int
    size: int
    hosts: int
    lengths: int
    codings: int
    has_body: bool
    json: bool
    priority: bytes | None


def read_head(headers: Iterable[tuple[bytes, bytes]]) -> Head:
    """Read the header fields; names are in lower case."""
    fields = size = hosts = lengths = codings = 0
    has_body = json = False
    priority = None
    for name, value in headers:
        fields += 1
        size += len(name) + len(value)
        if name not in _READ:
            continue
        if name == b"host":
            hosts += 1
        elif name == b"content-length":
            lengths += 1
            has_body = value != b"0"
        elif name == b"transfer-encoding":
            codings += 1
            has_body = True
        elif name == b"content-type":
            json = value.partition(b";")[0].strip().lower().endswith(_JSON)
        else:
            priority = value
    return Head(fields, size, hosts, lengths, codings, has_body, json, priority)


def check_head(head: Head, target: int, limits: RequestLimits) -> OverLimit | None:
    """What is wrong with a request's head, if anything; `target` is the length of path and query."""
    if head.fields > (allowed := limits.header_fields):
        detail = f"The request has {head.fields} header fields; at most {allowed} are read. Send fewer."
        return HeadersTooLarge("header_fields", detail, allowed=allowed, received=head.fields)
    if head.size > (allowed := limits.header_bytes):
        detail = f"The header fields are {head.size} bytes; at most {allowed} are read. Send smaller ones."
        return HeadersTooLarge("header_bytes", detail, allowed=allowed, received=head.size)
    if target > (allowed := limits.target_bytes):
        detail = f"Path and query are {target} bytes; at most {allowed} are read. Send the rest in a body."
        return TargetTooLong("target_bytes", detail, allowed=allowed, received=target)
    if head.hosts > 1 or head.lengths + head.codings > 1:
        return AmbiguousRequest(
            "head",
            "The header has more than one host, or more than one of content-length and transfer-encoding. "
            "Send one of each kind.",
        )
    return None


def count_rejection(error: OverLimit) -> None:
    """Make a refusal visible: counted by its limit, on the request's span, and in the log."""
    _REJECTED.labels(error.limit).inc()
    tell_refused(error, **{names.REQUEST_LIMIT: error.limit})


def guard_body(head: Head, receive: Receive, limits: RequestLimits) -> Receive:
    """A `receive` that waits for the body no longer than the request's deadline and looks how deep its JSON is.

    It is the given one for a request without a body.
    """
    return GuardedBody(receive, limits if head.json else None).receive if head.has_body else receive


class GuardedBody:
    """The body of one request as it arrives."""

    __slots__ = ("_chunks", "_done", "_limits", "_receive")

    def __init__(self, receive: Receive, limits: RequestLimits | None) -> None:
        self._receive = receive
        self._limits = limits
        self._chunks: list[bytes] = []
        self._done = False

    async def receive(self) -> Message:
        """The next message of the server.

        Raises:
            BodyTooSlow: the body is not complete at the request's deadline.
            JsonTooDeep: it is JSON and goes deeper than is read.
        """
        if self._done:
            return await self._receive()
        message = await self._in_time()
        self._done = message["type"] != "http.request" or not message.get("more_body", False)
        if self._limits is not None:
            self._look(message.get("body", b""), self._limits)
        return message

    async def _in_time(self) -> Message:
        deadline = current_deadline()
        if deadline is None:
            return await self._receive()
        seconds = deadline.remaining(time.monotonic())
        try:
            async with asyncio.timeout(seconds):
                return await self._receive()
        except TimeoutError:
            detail = "The request body did not arrive before the request's deadline. Send it faster, or less of it."
            error = BodyTooSlow("deadline", detail)
            count_rejection(error)
            raise error from None

    def _look(self, chunk: bytes, limits: RequestLimits) -> None:
        # The whole text is looked at once; what is over the size limit is refused by whoever reads it.
        self._chunks.append(chunk)
        if not self._done:
            return
        depth = limits.json_depth
        text = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks = []
        if is_deeper(text, depth):
            detail = (
                f"Arrays and objects lie over {depth} deep inside each other; at most {depth} are read. Flatten them."
            )
            error = JsonTooDeep("json_depth", detail, allowed=depth)
            count_rejection(error)
            raise error
