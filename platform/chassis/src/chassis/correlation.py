"""What ties one piece of work together: its correlation ID, and the W3C trace context that crosses processes.

The correlation ID follows a request through every hop, event, retry and restart. It is taken from the caller or made
where work begins, and is bound to the running task with `bind_correlation_id`.
"""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Final, NamedTuple

CORRELATION_HEADER: Final = "X-Correlation-ID"
"""Header that carries the correlation ID, in requests and responses alike."""

_VALID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_TRACEPARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL)
_current: ContextVar[str] = ContextVar("correlation_id", default="")
_random_bits: Final = random.SystemRandom().getrandbits


class TraceParent(NamedTuple):
    """One position in a trace, as a `traceparent` header names it; identifiers are lower-case hexadecimal."""

    trace_id: str
    span_id: str
    flags: int

    @property
    def sampled(self) -> bool:
        """Whether the sender says that it recorded its span."""
        return bool(self.flags & 1)


def correlation_id() -> str:
    """The correlation ID bound to the running task, or the empty string where none is bound."""
    return _current.get()


def is_valid(value: str) -> bool:
    """Whether `value` may be used as a correlation ID: 8 to 64 letters, digits, `_` or `-` of ASCII."""
    return _VALID.fullmatch(value) is not None


def new_correlation_id() -> str:
    """A new random correlation ID: 32 hexadecimal digits."""
    return f"{_random_bits(128):032x}"


@contextmanager
def bind_correlation_id(value: str | None = None) -> Iterator[str]:
    """Bind a correlation ID to the running task for the length of a `with` block; yields the bound one.

    Without a value a new one is made. Tasks started inside inherit it.

    Raises:
        ValueError: the value is not a valid correlation ID.
    """
    bound = new_correlation_id() if value is None else value
    if not is_valid(bound):
        raise ValueError("correlation ID must be 8 to 64 characters of A-Z a-z 0-9 _ -")
    token = set_correlation_id(bound)
    try:
        yield bound
    finally:
        reset_correlation_id(token)


def set_correlation_id(value: str) -> Token[str]:
    """Bind an already validated ID without a block; give the token to `reset_correlation_id` afterwards."""
    return _current.set(value)


def reset_correlation_id(token: Token[str]) -> None:
    """Restore what was bound before `set_correlation_id` returned this token."""
    _current.reset(token)


def parse_traceparent(value: str) -> TraceParent | None:
    """Read a `traceparent` header as W3C Trace Context demands; None where it must be ignored.

    Version ff, upper-case digits, all-zero identifiers and wrong lengths are invalid. A version 00 header ends after
    the flags; of a later version the known part is read and what follows a further dash is ignored.
    """
    match = _TRACEPARENT.fullmatch(value)
    if match is None:
        return None
    version, trace_id, span_id, flags, rest = match.groups()
    if version == "ff" or (version == "00" and rest is not None):
        return None
    if trace_id == "0" * 32 or span_id == "0" * 16:
        return None
    return TraceParent(trace_id, span_id, int(flags, 16))


def format_traceparent(trace_id: str, span_id: str, *, sampled: bool = True) -> str:
    """The version 00 `traceparent` header for a span; identifiers are lower-case hexadecimal, 32 and 16 digits."""
    return f"00-{trace_id}-{span_id}-{'01' if sampled else '00'}"
