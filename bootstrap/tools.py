"""Puts the pinned uv and just into ``.pharos/tools``, unless they are there: the first step of a fresh checkout."""

import importlib.util
import shutil
import sys
from pathlib import Path

from common import ROOT, TOOLS, BootstrapError, fail, locked, replace_folder, run, say

REQUIREMENTS = ROOT / "bootstrap" / "requirements.txt"
_STAMP = "requirements.txt"
_HELPER = TOOLS.with_name("pip.unfinished")


def complete() -> bool:
    """Whether the tools are there in the pinned versions."""
    stamp = TOOLS / _STAMP
    return stamp.exists() and stamp.read_bytes() == REQUIREMENTS.read_bytes()


def install() -> None:
    """Make the folder beside its place and move it there when it is whole, so that an interruption leaves none.

    Raises:
        BootstrapError: no installer is available, or it failed.
    """
    unfinished = TOOLS.with_name("tools.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    say("fetching just and uv …")
    try:
        command = [*_installer(), "--target", unfinished, "--no-deps", "--require-hashes", "-r", REQUIREMENTS]
        run(command, "fetching just and uv")
    finally:
        shutil.rmtree(_HELPER, ignore_errors=True)
    shutil.copyfile(REQUIREMENTS, unfinished / _STAMP)
    replace_folder(unfinished, TOOLS)


def _installer() -> list[str | Path]:
    """A pip: the interpreter's own, else an installed uv, else that of a throw-away environment."""
    options: list[str | Path] = ["install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", *options]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        run([sys.executable, "-m", "venv", "--clear", _HELPER], "making a virtual environment")
        return [_HELPER / "bin" / "python", "-m", "pip", *options]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise BootstrapError(
        f"{sys.executable} has neither pip nor venv with ensurepip, and there is no uv",
        f"install one of them, for example: apt-get install python{version}-venv (or python3-pip)",
    )


def main() -> None:
    """Install if need be."""
    try:
        with locked():
            if not complete():
                install()
    except (BootstrapError, OSError, KeyboardInterrupt) as error:
        fail(error)


if __name__ == "__main__":
    main()
