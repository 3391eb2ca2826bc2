import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaos.errors import ChaosError
from chaos.guard import Continue, Guard, Resume, Undo
from testkit import wait_until
from warden.control import Arguments, ControlServer, Say
from warden.errors import ControlRefused
from warden.identity import birth_of
from warden.layout import StateFolder

RUN = """
import os, signal, sys
from chaos.guard import Continue, Guard
pid, birth = int(sys.argv[1]), sys.argv[2]
with Guard() as guard, guard.holding(Continue(pid, birth)):
    os.kill(pid, signal.SIGSTOP)
    print("stopped", flush=True)
    signal.pause()
"""


@pytest.fixture
def victim() -> Iterator[Continue]:
    child = subprocess.Popen([sys.executable, "-c", "import signal; print(flush=True); signal.pause()"], stdout=-1)
    assert child.stdout
    child.stdout.readline()
    birth = birth_of(child.pid)
    assert birth
    yield Continue(child.pid, birth)
    child.kill()
    child.wait()
    child.stdout.close()


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def test_a_fault_is_undone_at_the_end_of_its_block(victim: Continue) -> None:
    with Guard() as guard:
        with guard.holding(victim):
            os.kill(victim.pid, signal.SIGSTOP)
            await wait_until(lambda: is_stopped(victim.pid), what="the victim stops")

        await wait_until(lambda: not is_stopped(victim.pid), what="the victim runs on")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_a_fault_is_undone_when_the_run_is_killed(victim: Continue, number: signal.Signals) -> None:
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, str(victim.pid), victim.birth, stdout=subprocess.PIPE
    )
    try:
        assert run.stdout
        assert await run.stdout.readline() == b"stopped\n"
        await wait_until(lambda: is_stopped(victim.pid), what="the victim stops")
    finally:
        run.send_signal(number)
        await run.wait()

    await wait_until(lambda: not is_stopped(victim.pid), what="the victim runs on")


async def test_signals_to_the_guard_do_not_keep_it_from_undoing(victim: Continue) -> None:
    with Guard() as guard:
        with guard.holding(victim):
            os.kill(victim.pid, signal.SIGSTOP)
            os.kill(guard.pid, signal.SIGINT)
            os.kill(guard.pid, signal.SIGTERM)

        await wait_until(lambda: not is_stopped(victim.pid), what="the victim runs on")


def test_without_its_guard_no_fault_is_made(victim: Continue) -> None:
    made = False
    with Guard() as guard:
        os.kill(guard.pid, signal.SIGKILL)
        os.waitid(os.P_PID, guard.pid, os.WEXITED | os.WNOWAIT)

        with pytest.raises(ChaosError, match="has ended"), guard.holding(victim):
            made = True

    assert not made


def test_what_ended_meanwhile_needs_no_undoing(victim: Continue) -> None:
    with Guard() as guard, guard.holding(victim):
        os.kill(victim.pid, signal.SIGKILL)
        os.waitid(os.P_PID, victim.pid, os.WEXITED | os.WNOWAIT)


@pytest.mark.parametrize("phase", ["quarantined", "up"])
async def test_what_warden_left_alone_is_started_again_and_what_it_did_not_needs_nothing(
    tmp_path: Path, phase: str
) -> None:
    resumed: list[Any] = []

    async def resume(arguments: Arguments, _: Say) -> Any:
        if phase != "quarantined":
            raise ControlRefused("not-quarantined", "it is not in quarantine")
        resumed.append(arguments["name"])
        return {"resumed": resumed}

    warden = ControlServer(StateFolder(tmp_path))
    warden.register("resume", resume)
    await warden.start()
    try:
        await asyncio.to_thread(hold_and_release, Resume(str(tmp_path), "orders-1"))
    finally:
        await warden.stop()
    assert resumed == (["orders-1"] if phase == "quarantined" else [])


def hold_and_release(undo: Undo) -> None:
    with Guard() as guard, guard.holding(undo):
        pass
