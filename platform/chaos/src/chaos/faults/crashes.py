"""Crash loops: a process ends again whenever it has been started."""

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from chaos.errors import ChaosError
from chaos.faults.processes import end
from chaos.guard import Resume
from chaos.session import Session, session_of
from chaos.system import entries_of
from pharos.docker.engine import DockerError

_POLL_S: Final = 0.05


def crash(instance: str, within: float, configuration: Mapping[str, Any]) -> None:
    """End an instance (SIGKILL) whenever it runs, until warden leaves it alone; the fault's end lifts the quarantine.

    Raises:
        ChaosError: warden still starts it after `within` seconds.
    """
    session = session_of(configuration)
    session.keep(_crashed(session, instance, within))


@contextmanager
def _crashed(session: Session, instance: str, within: float) -> Iterator[None]:
    with session.guard.holding(Resume(str(session.system.folder.path), instance)):
        session.strike(instance)
        until = time.monotonic() + within
        while not _is_left_alone(session, instance):
            if time.monotonic() >= until:
                raise ChaosError(f"{instance} is still started after {within:g} s", "see why: ./just journal")
            _end_if_it_lives(session, instance)
            time.sleep(_POLL_S)
        yield


def _is_left_alone(session: Session, instance: str) -> bool:
    assert session.struck is not None, "it was struck before"
    entries = entries_of(session.system, since=session.struck)
    return any(entry.instance == instance and entry.event == "quarantined" for entry in entries)


def _end_if_it_lives(session: Session, instance: str) -> None:
    with suppress(ChaosError, DockerError):  # it has ended, or does before the signal comes
        end(session, instance, signal.SIGKILL)
