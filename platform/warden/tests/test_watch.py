"""When the failure of a probe says something about the process that was asked."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from testkit import wait_until
from warden.sample import waited
from warden.watch import telling

BUSY = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])})\nwhile True: pass"


@pytest.fixture
def crowd() -> Iterator[list[int]]:
    """Three processes that all want the same processor, by their number."""
    processor = min(os.sched_getaffinity(0))
    with ExitStack() as stack:
        children = [subprocess.Popen([sys.executable, "-c", BUSY, str(processor)]) for _ in range(3)]
        for child in children:
            stack.callback(child.wait)
            stack.callback(child.kill)
        yield [child.pid for child in children]


async def test_a_process_that_gets_no_processor_is_seen_to_wait(crowd: list[int]) -> None:
    before = waited(crowd[0])
    await wait_until(lambda: waited(crowd[0]) > before + 0.1)


async def test_a_stopped_process_does_not_wait(crowd: list[int]) -> None:
    stopped, other, _ = crowd
    os.kill(stopped, signal.SIGSTOP)
    await wait_until(lambda: Path(f"/proc/{stopped}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    before, of_other = waited(stopped), waited(other)
    await wait_until(lambda: waited(other) > of_other + 0.1)
    assert waited(stopped) == before


def test_a_process_that_is_gone_has_not_waited() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert waited(child.pid) == 0.0


@pytest.mark.parametrize(
    ("took", "waiting", "says_something"),
    [(0.5, 0.0, True), (0.5, 0.2, True), (0.5, 0.3, False), (0.0, 0.0, True), (0.74, 0.0, True), (0.76, 0.0, False)],
)
def test_a_failure_tells_of_the_process_unless_we_were_late_or_it_was_kept_waiting(
    took: float, waiting: float, *, says_something: bool
) -> None:
    assert telling(took, 0.5, waiting) is says_something
