"""Faults of storage: the files of one process cannot grow any more."""

import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chaos.guard import Raise
from chaos.session import Session, session_of


def fill(instance: str, bytes_left: int, configuration: Mapping[str, Any]) -> None:
    """Let no file of a process be written beyond so many bytes (RLIMIT_FSIZE): writing fails, as on a full disk."""
    session = session_of(configuration)
    session.keep(_limited(session, instance, bytes_left))


@contextmanager
def _limited(session: Session, instance: str, size: int) -> Iterator[None]:
    part = session.running(instance)
    soft, hard = resource.prlimit(part.pid, resource.RLIMIT_FSIZE)
    with session.guard.holding(Raise(part.pid, part.birth, soft, hard)):
        session.strike(instance)
        resource.prlimit(part.pid, resource.RLIMIT_FSIZE, (size, hard))
        yield
