"""The command line as real processes, on a checkout with one tiny service."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testkit.tiny import TinyCheckout
from warden.ports import is_free

PHAROS = Path(sys.executable).with_name("pharos")


@dataclass
class Cli:
    """Runs ``pharos`` on one state folder."""

    checkout: TinyCheckout
    state: Path
    base: int = field(
        default_factory=lambda: random.choice([b for b in range(20_000, 60_000, 100) if is_free(b) and is_free(b + 20)])
    )

    path: Path | None = None  # of other commands

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        environment = {**os.environ, "PHAROS_STATE": str(self.state), "PHAROS_PROMETHEUS": "off"}
        if self.path is not None:
            environment["PATH"] = str(self.path)
        return subprocess.Popen([PHAROS, *arguments], cwd=self.checkout.root, env=environment, text=True, **options)

    def run(self, *arguments: str, answer: str = "") -> "subprocess.CompletedProcess[str]":
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = self.start(*arguments, **pipes)
        out, err = process.communicate(answer, timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def up(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.run("up", "--port-base", str(self.base), *arguments)

    def document(self, *arguments: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.run(*arguments, "--json").stdout)
        return document

    def pid(self) -> int:
        return int(self.document("status")["services"][0]["instances"][0]["pid"])

    def pid_of_the_unready(self) -> int:
        """The service's pid as soon as it is written down."""
        parts = self.state / "parts.json"
        while not (parts.exists() and "tiny-1" in parts.read_text()):
            time.sleep(0.02)
        return int(json.loads(parts.read_text())[0]["pid"])

    def warden(self) -> int:
        return int(json.loads((self.state / "warden.json").read_text())["pid"])

    def kill_warden(self) -> None:
        os.kill(self.warden(), signal.SIGKILL)
