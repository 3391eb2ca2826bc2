"""What a request's headers say about where it comes from. Nothing of it is believed here."""

from collections.abc import Iterable, MutableMapping
from typing import Any, Final

from chassis.correlation import TraceParent, is_valid, parse_traceparent
from chassis.telemetry.redaction import redact_text

_CORRELATION: Final = b"x-correlation-id"
_TRACEPARENT: Final = b"traceparent"
FOREIGN: Final = frozenset({
    _TRACEPARENT,
    b"tracestate",
    b"baggage",
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"x-forwarded-proto",
    b"x-real-ip",
    b"x-request-timeout-ms",
})  # fmt: skip
"""Headers that only a trusted caller may send; of any other one they are taken out of the request."""
_FORWARDING: Final = frozenset(name for name in FOREIGN if name.startswith((b"x-forwarded", b"forwarded", b"x-real")))
_WANTED: Final = FOREIGN | {_CORRELATION}


class Caller:
    """Correlation ID and trace position as the caller claims them; empty and None where absent or invalid."""

    __slots__ = ("correlation_id", "foreign", "forwarded", "position")

    def __init__(self, correlation_id: str, position: TraceParent | None, *, foreign: bool, forwarded: bool) -> None:
        """`foreign`: some header is there that needs trust; `forwarded`: one says that a proxy asks for somebody."""
        self.correlation_id = correlation_id
        self.position = position
        self.foreign = foreign
        self.forwarded = forwarded

    def drop_foreign(self, scope: MutableMapping[str, Any]) -> None:
        """Take every header out of the request that needs trust."""
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in FOREIGN]


def read_caller(headers: Iterable[tuple[bytes, bytes]]) -> Caller:
    """Read the headers once. Repeated `traceparent`s make it invalid, as W3C Trace Context demands."""
    correlation_id = ""
    traceparents: list[bytes] = []
    foreign = forwarded = False
    for name, value in headers:
        if name not in _WANTED:
            continue
        if name == _CORRELATION:
            correlation_id = correlation_id or _accept(value)
            continue
        foreign = True
        if name == _TRACEPARENT:
            traceparents.append(value)
        elif name in _FORWARDING:
            forwarded = True
    position = parse_traceparent(traceparents[0].decode("latin-1")) if len(traceparents) == 1 else None
    return Caller(correlation_id, position, foreign=foreign, forwarded=forwarded)


def _accept(value: bytes) -> str:
    """A valid correlation ID, unless it is itself something that must not reach a log."""
    text = value.decode("latin-1")
    return text if is_valid(text) and redact_text(text) == text else ""
