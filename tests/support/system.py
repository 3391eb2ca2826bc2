"""A whole Pharos of its own for a test, driven by the command that users have."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PHAROS = Path(sys.executable).with_name("pharos")
PORTS = 100
_claims: list[socket.socket] = []


@dataclass
class System:
    """One system: its state folder, its ports, and the documents its commands answered."""

    state: Path
    port_base: int
    up: dict[str, Any] = field(default_factory=dict)

    @property
    def edge(self) -> str:
        """The address of the one public port."""
        return f"http://127.0.0.1:{self.port_base}"

    @property
    def demo_password(self) -> str:
        """The password that `up` made for the demo customer."""
        return (self.state / "secrets" / "demo-customer").read_text().strip()

    def pharos(self, *arguments: str, timeout: float = 180, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one command on this system; unless `check` is off, its failure fails the test with all it said."""
        done = subprocess.run(
            [PHAROS, *arguments, "--state", str(self.state)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"pharos {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def json(self, *arguments: str, timeout: float = 180) -> Any:
        """The document that a command answers with `--json`."""
        return json.loads(self.pharos(*arguments, "--json", timeout=timeout).stdout)

    def start(self, *arguments: str) -> dict[str, Any]:
        """Bring it up; the document of `up --json`."""
        self.up = self.json("up", "--port-base", str(self.port_base), *arguments)
        return self.up

    def stop(self) -> None:
        """End it; the data stays."""
        self.pharos("down")

    def remove(self) -> None:
        """End it, whatever state it is in, and delete its folder."""
        self.pharos("down", check=False)
        shutil.rmtree(self.state, ignore_errors=True)

    def instance(self, name: str) -> dict[str, Any]:
        """What `status` says of one replica, for example `orders-1`."""
        services = self.json("status")["services"]
        return next(one for service in services for one in service["instances"] if _name(one) == name)


def new_system() -> System:
    """A system that is not up yet, with a state folder and ports that nobody else has."""
    return System(Path(tempfile.mkdtemp(prefix="pharos-")), free_port_base())


def processes_of(state: Path) -> list[int]:
    """The PIDs of all processes whose command line or environment names this state folder, but this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(state).encode() in text:
            found.append(int(entry.name))
    return found


def _name(instance: dict[str, Any]) -> str:
    return str(instance.get("instance") or instance.get("name"))


def free_port_base() -> int:
    """The first of so many ports that nothing listens on; others are not given them while this process lives."""
    bases = list(range(20000, 32000, PORTS))
    random.shuffle(bases)
    return next(base for base in bases if _claim(base) and _all_free(base))


def _claim(base: int) -> bool:
    """Hold the last port, which no part is given; for a base that turns out not to be free it does no harm."""
    claim = socket.socket()
    try:
        claim.bind(("127.0.0.1", base + PORTS - 1))
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def _all_free(base: int) -> bool:
    for port in range(base, base + 40):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
