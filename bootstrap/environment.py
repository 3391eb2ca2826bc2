"""Makes Python environments: ``environment.py run``, ``dev``, ``isolated NAME`` or ``release FOLDER PLACE``.

``run`` is ``.pharos/venv`` with all that the system needs, ``dev`` adds tests and tools to it, and ``isolated`` is an
environment of one distribution with nothing but what it declares. Each is stamped by what it was made from. ``release``
is what the release in FOLDER runs in, at PLACE; ``wheel FOLDER PLACE`` builds the wheel of the distribution in FOLDER.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from bytecode import lend_standard_library
from common import ROOT, STATE, TOOLS, BootstrapError, fail, locked, replace_folder, run, say
from tools import complete as tools_complete
from tools import install as install_tools

VENV = STATE / "venv"
_UV = TOOLS / "bin" / "uv"
_TEST_ONLY = "testkit"


def members(*, tests: bool = False) -> list[Path]:
    """The folders of the workspace's distributions; those that only tests need on request."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]["members"]
    return [ROOT / member for member in listed if tests or Path(member).name != _TEST_ONLY]


def stamp(which: str) -> str:
    """All that a shared environment depends on, in the words of the script that compares them on every run."""
    command = [str(ROOT / "bootstrap" / "env"), "stamp", which]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_shared(*, tests: bool) -> None:
    """Bring ``.pharos/venv`` to the locked versions. It is never taken for whole before it is: the stamp comes last."""
    which = "dev" if tests else "run"
    mark = VENV / f"{which}.stamp"
    if mark.exists() and mark.read_text() == stamp(which):
        return
    say("installing what the tests need …" if tests else "installing what Pharos needs …")
    for other in VENV.glob("*.stamp"):
        other.unlink()
    if not (VENV / "bin" / "python").exists():
        _make_venv(VENV)
    lend_standard_library(STATE / "cache" / "python")
    lock = "requirements-dev.lock" if tests else "requirements.lock"
    _install(VENV, "--no-deps", "--require-hashes", "-r", ROOT / lock)
    _install(VENV, "--no-deps", *_editable(members(tests=tests)))
    for done in {"run", which}:
        (VENV / f"{done}.stamp").write_text(stamp(done))


def make_isolated(name: str) -> Path:
    """An environment for one distribution, with what it and its test extra declare, in the locked versions."""
    folder = next((member for member in members(tests=True) if member.name == name), None)
    if folder is None:
        raise BootstrapError(f"there is no distribution called {name}", "see the members in pyproject.toml")
    place = STATE / "isolated" / name
    needed = _closure(folder)
    files = [ROOT / "requirements-dev.lock", *(one / "pyproject.toml" for one in needed)]
    wanted = f"{ROOT}\n" + "".join(file.read_text() for file in files)
    if (place / "stamp").exists() and (place / "stamp").read_text() == wanted:
        return place
    say(f"making the isolated environment of {name} …")
    unfinished = place.with_name(f"{name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    _make_venv(unfinished)
    local = [
        word
        for one in needed
        for word in ("-e", f"{one}[test]" if one == folder and one.name != _TEST_ONLY else str(one))
    ]
    _install(unfinished, "--constraint", _constraints(unfinished), *local)
    replace_folder(unfinished, place)
    (place / "stamp").write_text(wanted)
    return place


def make_release(folder: Path, place: Path) -> None:
    """An environment with nothing but what a release brings along and locks; it is marked when it is whole.

    What the package cache has needs no network. Its code is imported once, which shows that all of it is there, and
    leaves the compiled files without which its first start would take seconds more.
    """
    mark, manifest = place / "complete", (folder / "manifest.json").read_text()
    if mark.exists() and mark.read_text() == manifest:
        return
    say(f"making the environment of {folder.parent.name} {folder.name} …")
    unfinished = place.with_name(f"{place.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    _make_venv(unfinished)
    locked_versions = ("--no-deps", "--require-hashes", "--requirements", folder / "requirements.txt")
    try:
        _install(unfinished, "--offline", *locked_versions)
    except BootstrapError:
        _install(unfinished, *locked_versions)
    _install(unfinished, "--offline", "--no-deps", *sorted(folder.glob("*.whl")))
    replace_folder(unfinished, place)
    service = folder.parent.name
    run([place / "bin" / "python", "-P", "-c", f"import {service}.app"], f"importing {service}")
    mark.write_text(manifest)


def build_wheel(folder: Path, place: Path) -> None:
    """The wheel of one distribution: the same bytes from the same sources, and without the network."""
    run([_UV, "build", "--quiet", "--offline", "--wheel", "--out-dir", place, folder], f"building {folder}")


def _closure(folder: Path) -> list[Path]:
    """The distribution and those of the workspace that it declares, directly or not, its tests included."""
    known = {_project(member)["name"]: member for member in members(tests=True)}
    found: list[Path] = []
    waiting = [folder]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.append(one)
        project = _project(one)
        extra = project.get("optional-dependencies", {}).get("test", []) if one == folder else []
        waiting += [known[name] for line in (*project["dependencies"], *extra) if (name := _name(line)) in known]
    return sorted(found)


def _project(folder: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    return project


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return match.group().lower() if match else ""


def _constraints(venv: Path) -> Path:
    """The lock without its hashes, which a constraint may not have for editable installs."""
    lines = (ROOT / "requirements-dev.lock").read_text().splitlines()
    file = venv / "constraints.txt"
    file.write_text("".join(f"{line.removesuffix(chr(92)).strip()}\n" for line in lines if re.match(r"[a-z0-9]", line)))
    return file


def _make_venv(place: Path) -> None:
    run(
        [_UV, "venv", "--quiet", "--no-project", "--clear", "--python", sys.executable, place],
        "making a virtual environment",
    )


def _install(venv: Path, *words: str | Path) -> None:
    python = venv / "bin" / "python"
    run([_UV, "pip", "install", "--quiet", "--python", python, *words], "installing packages")


def _editable(folders: list[Path]) -> list[str]:
    return [word for folder in folders for word in ("-e", str(folder))]


def _make(which: str, names: list[str]) -> None:
    match which, names:
        case "isolated", [name]:
            make_isolated(name)
        case "release", [folder, place]:
            make_release(Path(folder), Path(place))
        case "wheel", [folder, place]:
            build_wheel(Path(folder), Path(place))
        case (("run" | "dev"), []):
            make_shared(tests=which == "dev")
        case _:
            raise BootstrapError(f"{which} is not made from {names}", "bootstrap/env says how each is asked for")


def main() -> None:
    """Make the environment that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=["run", "dev", "isolated", "release", "wheel"])
    parser.add_argument("names", nargs="*", metavar="NAME, or FOLDER and PLACE")
    options = parser.parse_args()
    try:
        with locked():
            if not tools_complete():
                install_tools()
            _make(options.which, options.names)
    except (BootstrapError, OSError, KeyboardInterrupt) as error:
        fail(error)


if __name__ == "__main__":
    main()
