"""A lens by itself: an empty store, and one that can be stopped and started under an open page."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from testkit import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
STARTS_S = 60.0


def until(condition: Callable[[], Any], what: str, seconds: float = STARTS_S) -> Any:
    """Ask until the answer is something true; in a thread, since Playwright has this one's event loop."""
    waiting = wait_until(condition, timeout=seconds, interval=0.1, what=what)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, waiting).result()


class LensAlone:
    """`python -m lens` with a folder and a port of its own."""

    def __init__(self, **settings: str) -> None:
        """`settings` are variables of its environment."""
        self.folder = Path(tempfile.mkdtemp(prefix="pharos-lens-"))
        self.port = free_port()
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "LensAlone":
        """Start it and wait until it is ready."""
        environment = {
            "PATH": os.environ["PATH"],
            "PHAROS_MANIFEST": str(ROOT / "platform" / "lens" / "service.toml"),
            "PHAROS_PORT": str(self.port),
            "LENS_DATA": str(self.folder / "lens"),
            "LENS_DASHBOARDS": str(ROOT / "dashboards"),
            "LENS_RUNBOOKS": str(ROOT / "observability" / "runbooks"),
            **self._settings,
        }
        with (self.folder / "lens.log").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lens"], env=environment, stdout=output, stderr=output
            )
        until(self._ready, "lens is ready")
        return self

    def stop(self) -> None:
        """End it; its data stay."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        """End it and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "lens.log").read_text()[-2_000:]
        try:
            return ask(self.port, "GET", "/health/ready")[0] == 200
        except OSError:
            return False


def ask(port: int, method: str, path: str, document: Any = None) -> tuple[int, bytes]:
    """Status and body of a request, its body JSON."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        body = None if document is None else json.dumps(document)
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def get_json(port: int, path: str) -> Any:
    """The document at a path."""
    status, body = ask(port, "GET", path)
    assert status == 200, (path, status, body[:500])
    return json.loads(body)
