"""The stall as a process, with a seam or without one."""

import http.client
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.seam.place import seam_of
from testkit import wait_until
from testkit.servers import free_port

MANIFEST = 'name="stall"\ndescription="x"\nowner="o"\npager="p"\ntier=1\ndatabase=false\n'
INSTANCE = "stall-1"


@dataclass
class Stall:
    """One process; `state` is the folder of the system that it believes to be part of."""

    process: "subprocess.Popen[bytes]"
    port: int
    state: Path

    @property
    def seam(self) -> Path:
        """The seam's socket."""
        return seam_of(self.state, INSTANCE).control

    def get(self, path: str, seconds: float = 5.0) -> tuple[int, bytes]:
        """The answer to one request; raises OSError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def now(self) -> float:
        """Its clock."""
        document: dict[str, Any] = json.loads(self.get("/now")[1])
        return float(document["now"])

    def memory(self) -> int:
        """Bytes it holds in memory."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def is_live(self) -> bool:
        """Whether it answers its liveness in time."""
        try:
            return self.get("/health/live", 0.5)[0] == 200
        except OSError:
            return False


async def start(folder: Path, *module: str) -> Stall:
    """Start `python -m MODULE…` and wait until it is ready."""
    manifest, port = folder / "service.toml", free_port()
    manifest.write_text(MANIFEST)
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parent),
        "PHAROS_MANIFEST": str(manifest),
        "PHAROS_INSTANCE": INSTANCE,
        "PHAROS_PORT": str(port),
        "PHAROS_SYSTEM": str(folder),
    }
    stall = Stall(_spawn(environ, *module), port, folder)
    try:
        await wait_until(stall.is_live, timeout=20, what="the stall serves")
    except AssertionError:
        stall.process.kill()
        raise
    return stall


def _spawn(environ: dict[str, str], *module: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", *module], env=environ)


def clock_difference(stall: Stall) -> float:
    """How far its clock is from ours, seconds."""
    return stall.now() - time.time()
