"""Faults of the machine: there is next to no processor to be had."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chaos import containers
from chaos.guard import Unlimit
from chaos.session import Session, session_of
from pharos.docker.system import DockerSystem


def starve(per_cpu: int, instance: str, share: float, configuration: Mapping[str, Any]) -> None:
    """Keep every processor busy with so many processes, each pinned to one; they end with this run.

    With containers, one of them is left this share of one processor (CFS quota).
    """
    session = session_of(configuration)
    if isinstance(session.system, DockerSystem):
        session.keep(_limited(session, instance, round(share * containers.PERIOD_US)))
        return
    session.strike()
    for cpu in sorted(os.sched_getaffinity(0)):
        for _ in range(per_cpu):
            session.keep(burning(cpu))


@contextmanager
def burning(cpu: int) -> Iterator[int]:
    """A process that uses this processor up; gives its PID."""
    child = subprocess.Popen(  # noqa: S603 - the command is ours
        [sys.executable, "-P", "-m", "chaos.burner", str(cpu)], stdin=subprocess.PIPE, start_new_session=True
    )
    assert child.stdin is not None
    try:
        yield child.pid
    finally:
        child.stdin.close()
        child.wait()


@contextmanager
def _limited(session: Session, instance: str, quota_us: int) -> Iterator[None]:
    container = session.container(instance)
    with session.guard.holding(Unlimit(container.id)):
        session.strike(container.instance)
        containers.limit_cpu(container.id, quota_us)
        yield
