import json
import os
import signal
import sys
import time
from asyncio import create_subprocess_exec
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
import stalls
from hypothesis import given
from hypothesis import strategies as st
from stalls import INSTANCE, Stall, clock_difference

from chaos.errors import ChaosError
from chaos.lease import lease
from chaos.seam.place import seam_of
from chaos.seam.switch import HttpFault, chosen
from testkit import wait_until

RUN = """
import signal, sys
from pathlib import Path
from chaos.lease import lease
from chaos.seam.place import seam_of
with lease(seam_of(Path(sys.argv[1]), sys.argv[2]), "http", kind="error"):
    print("made", flush=True)
    signal.pause()
"""


@pytest.fixture
async def stall(tmp_path: Path) -> AsyncIterator[Stall]:
    found = await stalls.start(tmp_path, "chaos.seam", "stall")
    yield found
    found.process.kill()
    found.process.wait()


def make(stall: Stall, command: str, **arguments: Any) -> Any:
    return lease(seam_of(stall.state, INSTANCE), command, **arguments)


async def test_requests_fail_as_long_as_the_fault_is_held(stall: Stall) -> None:
    with make(stall, "http", kind="error", status=503):
        assert stall.get("/now")[0] == 503
        assert stall.get("/health/ready")[0] == 200
        assert stall.get("/metrics")[0] == 200

    await wait_until(lambda: stall.get("/now")[0] == 200, what="requests are served again")


async def test_a_failed_request_is_in_the_metrics_of_the_process(stall: Stall) -> None:
    with make(stall, "http", kind="error"):
        stall.get("/now")

    metrics = stall.get("/metrics")[1].decode()
    assert 'http_response_status_code="500"' in metrics


async def test_requests_are_late_as_long_as_the_fault_is_held(stall: Stall) -> None:
    with make(stall, "http", kind="latency", seconds=0.6):
        began = time.monotonic()
        assert stall.get("/now")[0] == 200
        assert time.monotonic() - began >= 0.6


async def test_a_corrupt_reply_has_its_length_and_not_its_content(stall: Stall) -> None:
    with make(stall, "http", kind="corrupt"):
        status, body = stall.get("/now")

    assert status == 200
    with pytest.raises(UnicodeDecodeError):
        json.loads(body)


async def test_a_blocked_loop_answers_nothing_until_it_is_let_go(stall: Stall) -> None:
    with make(stall, "block"):
        await wait_until(lambda: not stall.is_live(), what="the loop is blocked")

    await wait_until(stall.is_live, what="the loop turns again")


async def test_a_leak_grows_and_is_given_back(stall: Stall) -> None:
    before = stall.memory()
    with make(stall, "leak", mb_per_second=100):
        await wait_until(lambda: stall.memory() > before + 50_000_000, what="the process has grown")

    await wait_until(lambda: stall.memory() < before + 25_000_000, what="the memory is given back")


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
async def test_the_clock_jumps_and_returns(stall: Stall, seconds: float) -> None:
    with make(stall, "clock", seconds=seconds):
        assert clock_difference(stall) == pytest.approx(seconds, abs=5)

    await wait_until(lambda: abs(clock_difference(stall)) < 5, what="the clock is right again")


async def test_a_fault_ends_with_the_run_that_is_killed(stall: Stall) -> None:
    run = await create_subprocess_exec(sys.executable, "-c", RUN, str(stall.state), INSTANCE, stdout=PIPE)
    assert run.stdout
    assert await run.stdout.readline() == b"made\n"
    assert stall.get("/now")[0] == 500

    run.send_signal(signal.SIGKILL)
    await run.wait()

    await wait_until(lambda: stall.get("/now")[0] == 200, what="requests are served again")


async def test_only_the_owner_reaches_the_seam(stall: Stall) -> None:
    assert stall.seam.stat().st_mode & 0o777 == 0o600
    assert stall.seam.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("arguments", [{"kind": "meteor"}, {"kind": "error", "shore": 1}, {}])
async def test_what_is_no_fault_is_refused_and_nothing_happens(stall: Stall, arguments: dict[str, Any]) -> None:
    with pytest.raises(ChaosError, match="cannot be asked"), make(stall, "http", **arguments):
        pytest.fail("it was made")

    assert stall.get("/now")[0] == 200


async def test_without_chaos_there_is_no_seam(tmp_path: Path) -> None:
    stall = await stalls.start(tmp_path, "stall")
    try:
        assert not stall.seam.parent.exists()
        with pytest.raises(ChaosError), make(stall, "http", kind="error"):
            pytest.fail("it was made")
    finally:
        os.kill(stall.process.pid, signal.SIGKILL)
        stall.process.wait()


@given(st.floats(0, 1, exclude_max=True), st.floats(0, 1))
def test_a_share_of_the_requests_is_hit(draw: float, share: float) -> None:
    fault = HttpFault(kind="error", share=share)

    assert chosen((fault,), "/orders", draw) == (fault if draw < share else None)
    assert chosen((fault,), "/health/live", draw) is None
    assert chosen((), "/orders", draw) is None
