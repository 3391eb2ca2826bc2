"""Faults of connections by the real Toxiproxy: made, felt, and undone however the run ends."""

import http.client
import json
import shutil
import signal
import subprocess
import sys
import time
from asyncio import create_subprocess_exec
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from chaos import toxiproxy
from chaos.errors import ChaosError
from chaos.guard import Cure, Guard, Open
from chaos.proxy.toxics import Toxic
from support.require import require
from testkit import free_port, wait_until

PROGRAM = "toxiproxy-server"
NAME = "orders-1"
LATE_S = 0.5
RUN = """
import signal, sys
from chaos import toxiproxy
from chaos.guard import Cure, Guard
from chaos.proxy.toxics import Toxic
api, name = sys.argv[1:]
with Guard() as guard, guard.holding(Cure(api, name)):
    toxiproxy.add(api, name, Toxic(kind="black-hole"))
    signal.pause()
"""


@dataclass(frozen=True)
class Led:
    """A server behind a proxy."""

    api: str
    port: int

    def ask(self) -> int:
        """The status of an answer.

        Raises:
            OSError: there was none within two seconds.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether it answers."""
        try:
            return self.ask() == 200
        except OSError:
            return False


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Those who ask are cut off on purpose."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def toxiproxy_server(upstream: int, tmp_path: Path) -> Iterator[tuple[Led, "subprocess.Popen[bytes]"]]:
    require("binaries", None if shutil.which(PROGRAM) else f"{PROGRAM} is not on the PATH")
    port, control = free_port(), free_port()
    file = tmp_path / "proxies.json"
    proxy = {"name": NAME, "listen": f"127.0.0.1:{port}", "upstream": f"127.0.0.1:{upstream}", "enabled": True}
    file.write_text(json.dumps([proxy]))
    words = [PROGRAM, "-host=127.0.0.1", f"-port={control}", f"-config={file}"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        yield Led(f"http://127.0.0.1:{control}", port), process
        process.kill()


@pytest.fixture
async def led(toxiproxy_server: tuple[Led, "subprocess.Popen[bytes]"]) -> Led:
    await wait_until(toxiproxy_server[0].answers, what="an answer through the proxy")
    return toxiproxy_server[0]


def test_connections_are_reset_until_that_is_undone(led: Led) -> None:
    toxiproxy.add(led.api, NAME, Toxic(kind="reset"))
    with pytest.raises(ConnectionResetError):
        led.ask()
    toxiproxy.remove(led.api, NAME)
    assert led.ask() == 200


def test_connections_are_taken_and_not_answered_until_that_is_undone(led: Led) -> None:
    toxiproxy.add(led.api, NAME, Toxic(kind="black-hole"))
    with pytest.raises(TimeoutError):
        led.ask()
    toxiproxy.remove(led.api, NAME)
    assert led.ask() == 200


def test_answers_are_late_until_that_is_undone(led: Led) -> None:
    toxiproxy.add(led.api, NAME, Toxic(kind="latency", seconds=LATE_S))
    began = time.monotonic()
    assert led.ask() == 200
    assert time.monotonic() - began >= LATE_S
    toxiproxy.remove(led.api, NAME)
    assert led.ask() == 200


def test_a_share_of_the_connections_is_hit(led: Led) -> None:
    toxiproxy.add(led.api, NAME, Toxic(kind="reset", share=0.5))
    assert {led.answers() for _ in range(100)} == {True, False}


def test_a_proxy_is_shut_and_opened_by_the_guard(led: Led) -> None:
    with Guard() as guard:
        with guard.holding(Open(led.api, NAME)):
            toxiproxy.shut(led.api, NAME)
            with pytest.raises(ConnectionRefusedError):
                led.ask()
        assert led.ask() == 200


async def test_a_fault_is_undone_when_the_run_is_killed(led: Led) -> None:
    run = await create_subprocess_exec(sys.executable, "-c", RUN, led.api, NAME)
    await wait_until(lambda: not led.answers(), what="the fault")
    run.send_signal(signal.SIGKILL)
    await run.wait()
    await wait_until(led.answers, what="answers again")


async def test_where_toxiproxy_is_gone_nothing_needs_undoing(
    led: Led, toxiproxy_server: tuple[Led, "subprocess.Popen[bytes]"]
) -> None:
    with Guard() as guard, guard.holding(Cure(led.api, NAME)):
        toxiproxy.add(led.api, NAME, Toxic(kind="black-hole"))
        toxiproxy_server[1].kill()
        toxiproxy_server[1].wait()


def test_what_toxiproxy_refuses_is_said(led: Led) -> None:
    with pytest.raises(ChaosError, match="proxy not found"):
        toxiproxy.add(led.api, "nobody-1", Toxic(kind="reset"))
    toxiproxy.remove(led.api, NAME)
