"""Faults by signals: a process ends at once, or stands still."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chaos.errors import ChaosError
from chaos.guard import Continue
from chaos.session import Session, session_of
from warden.identity import signal_process


def kill(instance: str, configuration: Mapping[str, Any]) -> None:
    """End the process of an instance at once (SIGKILL)."""
    end(session_of(configuration), instance, signal.SIGKILL)


def hang(instance: str, configuration: Mapping[str, Any]) -> None:
    """Stop the process of an instance (SIGSTOP): it keeps its port and its connections, and answers nothing."""
    session = session_of(configuration)
    session.keep(_stopped(session, instance))


def end(session: Session, instance: str, number: signal.Signals) -> None:
    """Send the process of an instance a signal that ends it.

    Raises:
        ChaosError: it does not run.
    """
    part = session.running(instance)
    session.strike(instance)
    _signal(instance, part.pid, part.birth, number)


@contextmanager
def _stopped(session: Session, instance: str) -> Iterator[None]:
    part = session.running(instance)
    with session.guard.holding(Continue(part.pid, part.birth)):
        session.strike(instance)
        _signal(instance, part.pid, part.birth, signal.SIGSTOP)
        yield


def _signal(instance: str, pid: int, birth: str, number: signal.Signals) -> None:
    if not signal_process(pid, birth, number):
        raise ChaosError(f"{instance} ended before the fault was made", "try again once it is back: ./just status")
