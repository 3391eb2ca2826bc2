"""Gives each request its deadline."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from chassis.resilience.deadline import (
    DEFAULT_TIMEOUT_S,
    TIMEOUT_HEADER,
    Deadline,
    bind_deadline,
    deadline_from_header,
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADER = TIMEOUT_HEADER.lower().encode()


def deadline_of(scope: Scope, *, default: float = DEFAULT_TIMEOUT_S, now: float) -> Deadline:
    """The deadline that a request's headers ask for, or the default.

    Whoever stands at the edge removes the header of callers from outside before this is asked.
    """
    for name, value in scope["headers"]:
        if name == _HEADER:
            return deadline_from_header(value.decode("latin-1"), now, default=default)
    return Deadline(now + default)


class DeadlineMiddleware:
    """Binds the deadline around the application; what the handler calls inherits it."""

    def __init__(
        self, app: App, *, default: float = DEFAULT_TIMEOUT_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._default = default
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within its deadline."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with bind_deadline(deadline_of(scope, default=self._default, now=self._clock())):
            await self._app(scope, receive, send)
