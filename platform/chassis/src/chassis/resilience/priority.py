"""How urgent a request is, and how that travels from service to service.

What travels is one word in ``X-Request-Priority``. RFC 9218's ``Priority`` is not used for it: its urgency orders the
responses of one connection among each other, browsers send it by themselves, and intermediaries may rewrite it, so that
it cannot say what may be shed first among all callers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from enum import IntEnum
from typing import Final

PRIORITY_HEADER: Final = "X-Request-Priority"
"""Between services. From outside it can only lower, as nothing is above what a request without it has."""


class Priority(IntEnum):
    """Who waits for the answer; the lowest is shed first."""

    PREFETCH = 0
    """Nobody yet: it may be asked for later."""
    BACKGROUND = 1
    """A machine that will try again: jobs, event consumers."""
    USER = 2
    """A person."""

    @property
    def word(self) -> str:
        """What it is called in the header and in telemetry."""
        return _WORDS[self]


_WORDS: Final = {Priority.PREFETCH: "prefetch", Priority.BACKGROUND: "background", Priority.USER: "user"}
_BY_WORD: Final = {word.encode(): priority for priority, word in _WORDS.items()}

# Work that no request began (jobs, consumers, start-up) is in the background without having to say so.
_current: ContextVar[Priority] = ContextVar("priority", default=Priority.BACKGROUND)


def current_priority() -> Priority:
    """The priority of the running work: that of the request being answered, else background."""
    return _current.get()


def set_priority(value: Priority) -> Token[Priority]:
    """Make it the current one without a block; give the token to `reset_priority` afterwards."""
    return _current.set(value)


def reset_priority(token: Token[Priority]) -> None:
    """Restore what was current before `set_priority` returned this token."""
    _current.reset(token)


@contextmanager
def bind_priority(value: Priority) -> Iterator[None]:
    """Work in the block, and the calls it makes, have this priority; tasks started inside inherit it."""
    token = _current.set(value)
    try:
        yield
    finally:
        _current.reset(token)


def priority_from_header(value: bytes | None) -> Priority:
    """What a request's header says; user-facing where it says nothing, or nothing that is known."""
    return Priority.USER if value is None else _BY_WORD.get(value, Priority.USER)
