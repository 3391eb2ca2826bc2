"""Fetching Prometheus from Debian's archive without root: the system's apt, with folders of its own."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from warden.errors import WardenError
from warden.prometheus import HOW_TO_GET, fetched_binary

_TIMEOUT = 300.0  # seconds


class PrometheusMissing(WardenError):
    """Prometheus is not installed and cannot be fetched here; everything else works without."""

    reason = "prometheus-missing"

    def __init__(self, message: str) -> None:
        super().__init__(message, HOW_TO_GET)


def can_fetch() -> bool:
    """Whether this is a Debian or a derivative."""
    return all(shutil.which(program) for program in ("apt-get", "dpkg-deb"))


async def fetch(place: Path | None = None) -> Path:
    """Download Debian's package, checked by apt against the archive's signatures, and take its binary out.

    The binary is kept at ``place``, the user's cache unless another is given.

    Raises:
        PrometheusMissing: not possible here, or it failed; the message has apt's words.
    """
    if not can_fetch():
        raise PrometheusMissing("Prometheus is not installed, and this system has no apt to fetch it with")
    place = place or fetched_binary()
    try:
        await _fetch(place)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise PrometheusMissing(f"Prometheus could not be fetched into {place.parent}: {error}") from error
    return place


async def _fetch(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="fetch.") as name:
        folder = Path(name)
        for below in ("lists/partial", "cache/archives/partial"):
            (folder / below).mkdir(parents=True)
        own = [f"-oDir::State::lists={folder}/lists", f"-oDir::Cache={folder}/cache", "-oDebug::NoLocking=1"]
        await _run(folder, "apt-get", "-qq", *own, "update")
        await _run(folder, "apt-get", "-qq", *own, "download", "prometheus")
        await asyncio.to_thread(_extract, folder, place)


def _extract(folder: Path, place: Path) -> None:
    """Beside the place first, so that what is there is whole even when two fetch at once."""
    (package,) = folder.glob("prometheus_*.deb")
    unpacked = folder / "package"
    subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True, capture_output=True)  # noqa: S603, S607
    (unpacked / "usr" / "bin" / "prometheus").replace(place)


async def _run(folder: Path, *command: str) -> None:
    child = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, "LC_ALL": "C"}, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_TIMEOUT):
            _, said = await child.communicate()
    except BaseException:
        child.kill()
        await child.wait()
        raise
    if child.returncode:
        words = said.decode(errors="replace").strip()[-300:]
        raise PrometheusMissing(f"Prometheus could not be fetched: {words}")
