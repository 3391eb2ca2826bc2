"""A replica that is told to end fails no request: callers notice, and what it has begun it finishes."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from running import MANIFEST, Edge, free_port, ready

from testkit import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLIENTS = 4


@pytest_asyncio.fixture(loop_scope="module")
async def replicas(edge: Edge, tmp_path: Path) -> AsyncIterator[dict[str, "subprocess.Popen[bytes]"]]:
    manifest = tmp_path / "service.toml"
    manifest.write_text(MANIFEST.format(name="things", routes=[]))
    script = str(Path(__file__).parent / "things.py")
    started: dict[str, subprocess.Popen[bytes]] = {}
    for _ in range(2):
        port = free_port()
        environ = {
            **os.environ,
            "PHAROS_MANIFEST": str(manifest),
            "PHAROS_PORT": str(port),
            "PHAROS_DISCOVERY": f"file:{edge.endpoints}",
        }
        process = subprocess.Popen([sys.executable, script], env=environ)  # noqa: ASYNC220 - polled, not awaited
        started[f"http://127.0.0.1:{port}"] = process
    try:
        for url, process in started.items():
            await ready(process, edge.http, url)
        edge.place("things", *started)
        yield started
    finally:
        for process in started.values():
            process.terminate()
            await asyncio.to_thread(process.wait, 10)


async def test_no_request_fails_while_one_of_two_replicas_drains(
    edge: Edge, replicas: dict[str, "subprocess.Popen[bytes]"]
) -> None:
    answers: Counter[int] = Counter()
    stop = asyncio.Event()

    async def ask() -> None:
        while not stop.is_set():
            # A write without a key: nothing repeats it, so that nothing hides a failure.
            async with edge.http.put(f"{edge.url}/things/7", json={}) as response:
                answers[response.status] += 1

    asking = [asyncio.create_task(ask()) for _ in range(CLIENTS)]
    await wait_until(lambda: answers.total() > 100)
    leaving, *staying = replicas
    edge.place("things", *staying)  # as the supervisor does before it ends a replica
    replicas[leaving].terminate()
    assert await asyncio.to_thread(replicas[leaving].wait, 10) == 0
    after = answers.total()
    await wait_until(lambda: answers.total() > after + 100)
    stop.set()
    await asyncio.gather(*asking)
    assert set(answers) == {200}
