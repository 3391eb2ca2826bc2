"""How far a backup or a restore is: one line that changes on a terminal, nothing in a pipe."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_EVERY = 0.1  # seconds


@contextmanager
def bytes_shown(what: str) -> Iterator[Callable[[int], None]]:
    """Call it with the bytes done so far."""
    shown = 0.0

    def show(done: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= _EVERY:
            shown = now
            sys.stderr.write(f"\r{what} … {done / 1e6:,.1f} MB")
            sys.stderr.flush()

    def ignore(_: int) -> None:
        """Nobody watches."""

    watched = sys.stderr.isatty()
    try:
        yield show if watched else ignore
    finally:
        if watched and shown:
            sys.stderr.write("\r\x1b[K")
