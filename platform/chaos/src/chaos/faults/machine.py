"""Faults of the machine: somebody else uses its processors."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chaos.session import session_of


def starve(per_cpu: int, configuration: Mapping[str, Any]) -> None:
    """Keep every processor busy with so many processes, each pinned to one; they end with this run."""
    session = session_of(configuration)
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
