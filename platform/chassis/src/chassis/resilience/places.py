"""The place of the running request in the concurrency limit, given up while it waits for another service.

What a service waits for others is theirs to bound (bulkhead, breaker, deadline). Counted here it would let one
dependency that hangs take every place from the requests that do not need it.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any, Final

from chassis.resilience.limiter import Limiter
from chassis.resilience.priority import Priority

Call = Callable[[list[Any]], None]


class Place:
    """The place of one request, from its admission to its end."""

    __slots__ = ("_began", "_call", "_calls", "_elsewhere", "_left", "_limiter", "_priority")

    def __init__(self, limiter: Limiter[Any], priority: Priority, call: Call) -> None:
        """For a request that was let in; `call` is given the tickets whose turn it is."""
        self._limiter = limiter
        self._priority = priority
        self._call = call
        self._began = time.monotonic()
        self._calls = 0
        self._left = 0.0
        self._elsewhere = 0.0

    def leave(self) -> None:
        """The request waits for a reply from elsewhere."""
        self._calls += 1
        if self._calls == 1:
            self._left = time.monotonic()
            self._free()

    def come_back(self) -> None:
        """The reply is there. Nobody waits for the place: the work is half done."""
        self._calls -= 1
        if self._calls == 0:
            self._elsewhere += time.monotonic() - self._left
            self._limiter.take(self._priority)

    def end(self, route: str) -> None:
        """The request is over; what it took here, without the time elsewhere, moves the limit."""
        now = time.monotonic()
        if self._calls:
            self._elsewhere += now - self._left
        self._limiter.learn(route, now - self._began - self._elsewhere, now)
        if not self._calls:
            self._free()
        self._calls = -(2**31)

    def _free(self) -> None:
        if called := self._limiter.free(self._priority):
            self._call(called)


_current: Final[ContextVar[Place | None]] = ContextVar("place", default=None)


def bind_place(place: Place) -> Token[Place | None]:
    """Make it the running request's; give the token to `unbind_place` afterwards."""
    return _current.set(place)


def unbind_place(token: Token[Place | None]) -> None:
    """Restore what was bound before."""
    _current.reset(token)


class elsewhere:  # noqa: N801 - used as a function: `with elsewhere():`
    """While the block waits for another service, the running request has no place here."""

    __slots__ = ("_place",)

    def __enter__(self) -> None:
        """Give the place up; nothing happens outside of a request."""
        self._place = _current.get()
        if self._place is not None:
            self._place.leave()

    def __exit__(self, *_: object) -> None:
        """Take it again."""
        if self._place is not None:
            self._place.come_back()
