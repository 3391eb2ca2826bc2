import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from wardens import Wardens

from testkit import wait_until
from warden.control import ask
from warden.errors import ControlRefused

ELSEWHERE = "http://127.0.0.1:9"
HOLDER = """
import asyncio, json, sys
from pathlib import Path
from warden.control import ask
from warden.layout import StateFolder
asyncio.run(ask(StateFolder(Path(sys.argv[1])), sys.argv[2], json.loads(sys.argv[3]), lambda _: print(flush=True)))
"""


@asynccontextmanager
async def held(wardens: Wardens, command: str, **arguments: Any) -> AsyncIterator[None]:
    begun = asyncio.Event()
    holding = asyncio.create_task(ask(wardens.state, command, arguments, lambda _: begun.set()))
    begun_or_refused = asyncio.create_task(begun.wait())
    await asyncio.wait([holding, begun_or_refused], return_when=asyncio.FIRST_COMPLETED)
    if holding.done():
        begun_or_refused.cancel()
        holding.result()
    try:
        yield
    finally:
        holding.cancel()
        await asyncio.wait([holding])


async def test_callers_are_led_elsewhere_for_as_long_as_that_is_held(wardens: Wardens) -> None:
    await asyncio.to_thread(wardens.start().ready)
    (before,) = wardens.endpoints()

    async with held(wardens, "reroute", instance="tiny-1", url=ELSEWHERE):
        assert [one.url for one in wardens.endpoints()] == [ELSEWHERE]
        assert wardens.records()["tiny-1"].alive

    await wait_until(lambda: wardens.endpoints() == (before,), what="its own address is published again")


async def test_a_part_stays_down_for_as_long_as_that_is_held(wardens: Wardens) -> None:
    await asyncio.to_thread(wardens.start().ready)
    before = wardens.records()["tiny-1"]

    async with held(wardens, "take-down", name="tiny-1"):
        assert not before.alive
        assert wardens.endpoints() == ()
        assert wardens.records()["tiny-1"].pid == 0

    await wait_until(lambda: len(wardens.endpoints()) == 1, timeout=15, what="it serves again")
    assert wardens.records()["tiny-1"].pid != before.pid


@pytest.mark.parametrize("command", ["reroute", "take-down"])
async def test_it_is_undone_when_the_holder_is_killed(wardens: Wardens, command: str) -> None:
    await asyncio.to_thread(wardens.start().ready)
    (before,) = wardens.endpoints()
    arguments = '{"instance": "tiny-1", "url": "http://127.0.0.1:9"}' if command == "reroute" else '{"name": "tiny-1"}'
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(wardens.folder), command, arguments, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout
    assert await holder.stdout.readline()
    assert wardens.endpoints() != (before,)

    holder.send_signal(signal.SIGKILL)
    await holder.wait()

    await wait_until(lambda: wardens.endpoints() == (before,), timeout=15, what="it is as before")


@pytest.mark.parametrize(
    ("command", "arguments", "reason"),
    [
        ("reroute", {"instance": "meteor", "url": ELSEWHERE}, "unknown-part"),
        ("reroute", {"instance": "tiny-1"}, "bad-request"),
        ("take-down", {"name": "meteor"}, "unknown-part"),
    ],
)
async def test_what_cannot_be_done_is_refused(
    wardens: Wardens, command: str, arguments: dict[str, str], reason: str
) -> None:
    await asyncio.to_thread(wardens.start().ready)

    with pytest.raises(ControlRefused) as caught:
        await ask(wardens.state, command, arguments)

    assert caught.value.reason == reason
    assert len(wardens.endpoints()) == 1
