"""Probes and actions of experiments that exist for tests alone."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chaos.errors import ChaosError
from chaos.session import session_of


def holds() -> bool:
    """A steady state that holds."""
    return True


def fails() -> bool:
    """One that does not."""
    return False


def breaks(configuration: Mapping[str, Any]) -> None:
    """A fault that lasts until it is undone; both are noted among what was hit."""
    session = session_of(configuration)
    session.strike("made")
    session.keep(_noted(session.hit))


def cannot() -> None:
    """An action that cannot be done."""
    raise ChaosError("there is nothing to break", "make something")


def interrupts() -> None:
    """Ctrl-C in the middle of it."""
    raise KeyboardInterrupt


def terminates() -> None:
    """SIGTERM in the middle of it."""
    signal.raise_signal(signal.SIGTERM)


@contextmanager
def _noted(notes: set[str]) -> Iterator[None]:
    try:
        yield
    finally:
        notes.add("undone")
