"""How long `./just up` takes in a fresh clone with no cache, and how much of that is not downloading."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.report import Figure
from support.system import ROOT, free_port_base

CACHES = ("XDG_CACHE_HOME", "UV_CACHE_DIR", "PIP_CACHE_DIR", "VIRTUAL_ENV", "PHAROS_STATE")
TIMEOUT_S = 900


def measure() -> Iterator[Figure]:
    """Clone and start in an empty home; then once more, with the downloads of the first time in that home's caches."""
    with tempfile.TemporaryDirectory(prefix="pharos-fresh-") as name:
        folder = Path(name)
        (folder / "home").mkdir()
        first = _up(folder)
        second = _up(folder)
    yield Figure(what="fresh clone, no cache: ./just up to ready", measured=first, unit="s", at_most=90)
    yield Figure(what="the same with its downloads cached", measured=second, unit="s", at_most=20)


def _up(folder: Path) -> float:
    """Seconds from the command to a ready system, in a clone that is removed afterwards."""
    clone = folder / "clone"
    _run(folder, "git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone))
    try:
        began = time.monotonic()
        _run(folder, str(clone / "just"), "up", "--port-base", str(free_port_base()))
        return time.monotonic() - began
    finally:
        if (clone / ".pharos" / "venv").exists():
            _run(folder, str(clone / "just"), "down")
        shutil.rmtree(clone)


def _run(folder: Path, *command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in CACHES}
    environment["HOME"] = str(folder / "home")
    done = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}"
