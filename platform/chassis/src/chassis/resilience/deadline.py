"""Deadlines that travel and shrink.

What travels is the time that remains (``X-Request-Timeout-Ms``), never a point in time, so that clocks
need not agree (as gRPC does). Each hop passes on at most 90 % of what it has, and keeps the rest to answer.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

TIMEOUT_HEADER = "X-Request-Timeout-Ms"
DEFAULT_TIMEOUT_S = 5.0
"""For a request that brings none; the edge gives it to every caller from outside."""
LONGEST_TIMEOUT_S = 60.0
"""No caller may bind a worker for longer."""
SHORTEST_CALL_S = 0.020
"""With less time left a call is not worth starting."""
SHARE_FOR_CALLEE = 0.9


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment, in seconds of the monotonic clock, after which nobody waits for the answer."""

    at: float

    @classmethod
    def after(cls, seconds: float, now: float) -> "Deadline":
        """The deadline that many seconds from now."""
        return cls(now + seconds)

    def remaining(self, now: float) -> float:
        """Seconds left; never negative."""
        return max(0.0, self.at - now)

    def allows_call(self, now: float) -> bool:
        """Whether enough is left to start a call."""
        return self.at - now >= SHORTEST_CALL_S

    def child(self, own: float, now: float) -> "Deadline":
        """The deadline of a call made on the way: its own timeout or 90 % of what remains, the shorter."""
        return Deadline(now + min(own, SHARE_FOR_CALLEE * self.remaining(now)))

    def header(self, now: float) -> str:
        """What remains as the header says it: whole milliseconds, rounded down."""
        return str(math.floor(self.remaining(now) * 1000))


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def current_deadline() -> Deadline | None:
    """The deadline of the request being answered; none in background work."""
    return _current.get()


@contextmanager
def bind_deadline(deadline: Deadline | None) -> Iterator[None]:
    """Make it the current deadline of this task and of the tasks it starts."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def call_deadline(own: float, now: float, caller: Deadline | None = None) -> Deadline:
    """The deadline of a call started now with a timeout of its own, within the caller's if there is one."""
    return Deadline(now + own) if caller is None else caller.child(own, now)


def deadline_from_header(value: str | None, now: float, *, default: float = DEFAULT_TIMEOUT_S) -> Deadline:
    """The deadline a request brings, at most a minute; the default when it brings none or nonsense."""
    if value is None or not value.isascii() or not value.isdecimal() or len(value) > 9:
        return Deadline(now + default)
    return Deadline(now + min(int(value) / 1000, LONGEST_TIMEOUT_S))
