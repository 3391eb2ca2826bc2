"""Faults of processes: one ends at once, or stands still; with containers, that of the container does."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chaos import containers
from chaos.errors import ChaosError
from chaos.guard import Continue, Unpause
from chaos.session import Session, session_of
from pharos.docker.system import DockerSystem
from warden.identity import signal_process


def kill(instance: str, configuration: Mapping[str, Any]) -> None:
    """End the process of an instance at once (SIGKILL)."""
    end(session_of(configuration), instance, signal.SIGKILL)


def hang(instance: str, configuration: Mapping[str, Any]) -> None:
    """Stop an instance (SIGSTOP, or the freezer of its container's cgroup): it keeps its port, and answers nothing."""
    session = session_of(configuration)
    docker = isinstance(session.system, DockerSystem)
    session.keep(_paused(session, instance) if docker else _stopped(session, instance))


def end(session: Session, instance: str, number: signal.Signals) -> None:
    """Send the process of an instance a signal that ends it.

    Raises:
        ChaosError: it does not run.
        DockerError: the engine could not do it.
    """
    if isinstance(session.system, DockerSystem):
        container = session.container(instance)
        session.strike(container.instance)
        containers.send_signal(container.id, number)
        return
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


@contextmanager
def _paused(session: Session, instance: str) -> Iterator[None]:
    container = session.container(instance)
    with session.guard.holding(Unpause(container.id)):
        session.strike(container.instance)
        containers.pause(container.id)
        yield


def _signal(instance: str, pid: int, birth: str, number: signal.Signals) -> None:
    if not signal_process(pid, birth, number):
        raise ChaosError(f"{instance} ended before the fault was made", "try again once it is back: ./just status")
