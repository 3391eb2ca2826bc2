import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from warden.identity import alive, ancestry, birth_of, gone, processes_in, signal_group, signal_process

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def start(cwd: Path | None = None) -> "tuple[subprocess.Popen[bytes], str]":
    child = subprocess.Popen(SLEEP, cwd=cwd, start_new_session=True)
    birth = birth_of(child.pid)
    assert birth is not None
    return child, birth


def test_a_process_is_itself_until_it_ends() -> None:
    child, birth = start()
    assert alive(child.pid, birth)
    child.kill()
    child.wait()
    assert not alive(child.pid, birth)


def test_a_process_that_ended_but_was_not_waited_for_is_gone() -> None:
    child, birth = start()
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert birth_of(child.pid) is None
    assert not signal_process(child.pid, birth, signal.SIGTERM)
    child.wait()


def test_another_process_with_the_same_pid_is_not_signalled() -> None:
    child, birth = start()
    assert not signal_group(child.pid, f"{birth}0", signal.SIGKILL)
    assert not signal_process(child.pid, "another boot:1", signal.SIGKILL)
    assert child.poll() is None
    child.kill()
    child.wait()


async def test_the_end_of_a_process_is_noticed_at_once() -> None:
    child, birth = start()
    waiting = asyncio.create_task(gone(child.pid, birth))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    child.kill()
    await asyncio.wait_for(waiting, 2)
    assert time.monotonic() - began < 0.5
    child.wait()
    await asyncio.wait_for(gone(child.pid, birth), 1)


def test_processes_are_found_by_their_folder(tmp_path: Path) -> None:
    child, _ = start(tmp_path)
    assert list(processes_in(tmp_path)) == [child.pid]
    child.kill()
    child.wait()
    assert list(processes_in(tmp_path)) == []


def test_ancestry_goes_up_to_the_first_process() -> None:
    assert ancestry(os.getpid())[:2] == [os.getpid(), os.getppid()]
