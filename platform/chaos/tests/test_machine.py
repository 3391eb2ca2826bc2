import os
import signal
import sys
from asyncio import create_subprocess_exec
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit
from subprocess import PIPE

from chaos.faults.machine import burning
from chaos.guard import Guard, Raise
from testkit import wait_until
from warden.identity import birth_of

RUN = """
import signal
from chaos.faults.machine import burning
with burning(0) as pid:
    print(pid, flush=True)
    signal.pause()
"""
WRITER = """
import sys
with open(sys.argv[1], "wb", buffering=0) as file:
    print(flush=True)
    for line in sys.stdin:
        try:
            file.write(b"x" * 5000)
            print("written", flush=True)
        except OSError as error:
            print(error.strerror, flush=True)
"""


def ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11])


async def test_a_burner_uses_its_processor_and_ends_with_its_block() -> None:
    cpu = min(os.sched_getaffinity(0))
    with burning(cpu) as pid:
        await wait_until(lambda: ticks(pid) > 10, what="it has used a tenth of a second")
        assert os.sched_getaffinity(pid) == {cpu}

    assert birth_of(pid) is None


async def test_a_burner_ends_with_the_run_that_is_killed() -> None:
    run = await create_subprocess_exec(sys.executable, "-c", RUN, stdout=PIPE)
    assert run.stdout
    pid = int(await run.stdout.readline())
    assert birth_of(pid)

    run.send_signal(signal.SIGKILL)
    await run.wait()

    await wait_until(lambda: birth_of(pid) is None, what="the burner ends")


async def test_a_file_that_cannot_grow_is_an_error_to_who_writes_it_until_the_limit_is_lifted(tmp_path: Path) -> None:
    writer = await create_subprocess_exec(sys.executable, "-c", WRITER, str(tmp_path / "file"), stdin=PIPE, stdout=PIPE)
    assert writer.stdin
    assert writer.stdout
    birth = birth_of(writer.pid)
    assert birth
    await writer.stdout.readline()

    async def write() -> str:
        assert writer.stdin
        assert writer.stdout
        writer.stdin.write(b"\n")
        return (await writer.stdout.readline()).decode().strip()

    with Guard() as guard, guard.holding(Raise(writer.pid, birth, RLIM_INFINITY, RLIM_INFINITY)):
        prlimit(writer.pid, RLIMIT_FSIZE, (4096, RLIM_INFINITY))
        assert await write() == "written"  # as much as goes in
        assert await write() == "File too large"

    assert await write() == "written"
    writer.kill()
    await writer.wait()


def test_the_limit_of_a_process_that_is_gone_needs_no_lifting() -> None:
    with Guard() as guard, guard.holding(Raise(2**22 - 1, "never", 1, 1)):
        pass
