import asyncio
import json
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from testkit import wait_until
from warden.control import Arguments, ControlServer, Say, ask
from warden.errors import ControlRefused, NotSupervised, WardenError
from warden.layout import StateFolder

HOLDER = """
import asyncio, sys
from pathlib import Path
from warden.control import ask
from warden.layout import StateFolder
asyncio.run(ask(StateFolder(Path(sys.argv[1])), "hold"))
"""


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    """In a folder whose path is longer than the address of a Unix socket may be."""
    folder = tmp_path / ("deep" * 20) / ("deeper" * 20)
    folder.mkdir(parents=True)
    return StateFolder(folder)


@pytest.fixture
async def server(state: StateFolder) -> AsyncIterator[ControlServer]:
    server = ControlServer(state)
    await server.start()
    yield server
    await server.stop()


async def test_a_command_says_how_it_gets_on_and_then_its_result(state: StateFolder, server: ControlServer) -> None:
    async def count(arguments: Arguments, say: Say) -> Any:
        for number in range(arguments["to"]):
            await say({"number": number})
        return {"counted": arguments["to"]}

    server.register("count", count)
    progress: list[Any] = []

    assert await ask(state, "count", {"to": 3}, progress.append) == {"counted": 3}
    assert progress == [{"number": 0}, {"number": 1}, {"number": 2}]


async def test_a_refusal_reaches_the_one_who_asked_with_its_reason(state: StateFolder, server: ControlServer) -> None:
    class Unwilling(WardenError):
        reason = "unwilling"

    async def refuse(_: Arguments, __: Say) -> None:
        raise Unwilling("no", "do not ask")

    server.register("refuse", refuse)

    with pytest.raises(ControlRefused) as caught:
        await ask(state, "refuse")

    assert (caught.value.reason, caught.value.message, caught.value.hint) == ("unwilling", "no", "do not ask")


async def test_an_unknown_command_is_refused_with_the_known_ones(state: StateFolder, server: ControlServer) -> None:
    async def nothing(_: Arguments, __: Say) -> None:
        return None

    server.register("nothing", nothing)

    with pytest.raises(ControlRefused, match="nothink") as caught:
        await ask(state, "nothink")

    assert "nothing" in caught.value.hint


async def test_what_a_command_holds_is_let_go_when_its_caller_is_killed(
    state: StateFolder, server: ControlServer
) -> None:
    held: list[str] = []

    async def hold(_: Arguments, say: Say) -> None:
        held.append("held")
        await say("held")
        try:
            await asyncio.Event().wait()
        finally:
            held.append("let go")

    server.register("hold", hold)
    caller = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, str(state.path))
    await wait_until(lambda: held == ["held"])

    caller.send_signal(signal.SIGKILL)

    await wait_until(lambda: held == ["held", "let go"])
    await caller.wait()


@pytest.mark.usefixtures("server")
async def test_nonsense_is_answered(state: StateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(state.path)
    reader, writer = await asyncio.open_unix_connection("control.sock")
    writer.write(b"resume orders\n")

    assert json.loads(await reader.readline())["reason"] == "bad-request"
    writer.close()


@pytest.mark.usefixtures("server")
async def test_only_its_owner_can_use_the_socket(state: StateFolder) -> None:
    assert stat.S_IMODE(state.control.stat().st_mode) == 0o600


async def test_without_a_warden_that_is_said(state: StateFolder) -> None:
    with pytest.raises(NotSupervised):
        await ask(state, "resume")


async def test_what_a_killed_warden_left_of_its_socket_is_replaced(
    state: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(state.path)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind("control.sock")
    with pytest.raises(NotSupervised):
        await ask(state, "resume")

    server = ControlServer(state)
    await server.start()

    with pytest.raises(ControlRefused, match="resume"):
        await ask(state, "resume")
    await server.stop()


async def test_the_end_of_warden_in_the_midst_of_a_command_is_said(state: StateFolder) -> None:
    async def wait(_: Arguments, say: Say) -> None:
        await say("waiting")
        await asyncio.Event().wait()

    server = ControlServer(state)
    server.register("wait", wait)
    await server.start()
    begun = asyncio.Event()
    asking = asyncio.create_task(ask(state, "wait", on_progress=lambda _: begun.set()))
    await begun.wait()

    await server.stop()

    with pytest.raises(NotSupervised):
        await asking
