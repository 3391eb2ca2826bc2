"""Faults of the supervisor itself."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chaos.errors import ChaosError
from chaos.guard import Supervise
from chaos.session import Session, session_of
from warden.identity import signal_process
from warden.record import read_warden


def kill(configuration: Mapping[str, Any]) -> None:
    """End warden at once (SIGKILL); when the fault is undone, the next one takes over what runs."""
    session = session_of(configuration)
    session.keep(_unsupervised(session))


@contextmanager
def _unsupervised(session: Session) -> Iterator[None]:
    record = read_warden(session.system.folder)
    if record is None:
        raise ChaosError("no warden runs", "start one with: ./just up")
    with session.guard.holding(Supervise(str(session.system.folder.path))):
        session.strike("warden")
        signal_process(record.pid, record.birth, signal.SIGKILL)
        yield
