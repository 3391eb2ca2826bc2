"""Fetching Prometheus from Debian's archive without root: the system's apt, with folders of its own."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from warden.errors import WardenError
from warden.prometheus import fetched_binary

_TIMEOUT = 300.0  # seconds
_INSTALL_HINT = "install Prometheus to have metrics kept, or set PHAROS_PROMETHEUS=off; all else works without"


class PrometheusMissing(WardenError):
    """Prometheus is not installed and cannot be fetched here."""

    reason = "prometheus-missing"


def can_fetch() -> bool:
    """Whether this is a Debian or a derivative."""
    return all(shutil.which(program) for program in ("apt-get", "dpkg-deb"))


async def fetch(root: Path) -> Path:
    """Download Debian's package, checked by apt against the archive's signatures, and take its binary out.

    Raises:
        PrometheusMissing: not possible here, or it failed; the message has apt's words.
    """
    if not can_fetch():
        raise PrometheusMissing("Prometheus is not installed", _INSTALL_HINT)
    place = fetched_binary(root)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="fetch.") as name:
        folder = Path(name)
        for below in ("lists/partial", "cache/archives/partial"):
            (folder / below).mkdir(parents=True)
        own = [f"-oDir::State::lists={folder}/lists", f"-oDir::Cache={folder}/cache", "-oDebug::NoLocking=1"]
        await _run(folder, "apt-get", "-qq", *own, "update")
        await _run(folder, "apt-get", "-qq", *own, "download", "prometheus")
        _extract(folder, place)
    return place


def _extract(folder: Path, place: Path) -> None:
    package = next(folder.glob("prometheus_*.deb"))
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
        raise PrometheusMissing(f"Prometheus could not be fetched: {words}", _INSTALL_HINT)
