"""Building a release: wheels, locked requirements and contracts in one folder, listed with their digests."""

import shutil
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

from pharos.errors import CliError
from pharos.release.requirements import cut, names_of, needed, normal
from pharos.release.steps import bootstrap
from warden.layout import StateFolder
from warden.release.artefact import MANIFEST, REQUIREMENTS, Manifest, digests, encode, folder_of
from warden.release.errors import ReleaseExists

CONTRACTS = ("service.toml", "openapi.json", "asyncapi.json")
_OURS = "pharos-"
"""Distributions of the workspace, which a release brings along as wheels."""


def build(state: StateFolder, root: Path, source: Path) -> tuple[Manifest, Path]:
    """Build a release of the service in `source`, with the chassis and the lock of the checkout; where it is.

    The version is the one in its ``pyproject.toml``. Building the same content again changes nothing.

    Raises:
        ReleaseExists: another content was built under this version.
        CliError: it cannot be built.
    """
    project, chassis = _project(source), root / "platform" / "chassis"
    service, version = str(project["name"]).removeprefix(_OURS), str(project["version"])
    place = folder_of(state, service, version)
    unfinished = place.with_name(f".{version}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        for one in (source, chassis):
            bootstrap(root, "wheel", one, unfinished)
        (unfinished / ".gitignore").unlink(missing_ok=True)  # uv's
        (unfinished / REQUIREMENTS).write_text(_requirements(root, project, _project(chassis)))
        for name in CONTRACTS:
            if (source / name).exists():
                shutil.copyfile(source / name, unfinished / name)
        version_of_chassis = str(_project(chassis)["version"])
        manifest = Manifest(service=service, version=version, chassis=version_of_chassis, files=digests(unfinished))
        (unfinished / MANIFEST).write_bytes(encode(manifest))
        _keep(unfinished, place, service)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return manifest, place


def _keep(built: Path, place: Path, service: str) -> None:
    """Put a release in its place, unless the same is there."""
    if not place.exists():
        for file in built.iterdir():
            file.chmod(0o444)
        built.rename(place)
        return
    before, now = digests(place), digests(built)
    differing = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    if differing:
        raise ReleaseExists(
            f"{service} {place.name} was built before, with another {differing[0]}",
            f"a release never changes: raise the version in services/{service}/pyproject.toml",
        )


def _requirements(root: Path, *projects: dict[str, Any]) -> str:
    """The locked packages that these distributions lead to, with their hashes.

    Raises:
        CliError: one that is asked for is not locked.
    """
    lock = (root / "requirements.lock").read_text()
    asked = [line for project in projects for line in project["dependencies"] if not _is_ours(line)]
    missing = names_of(asked) - names_of(lock.splitlines())
    if missing:
        raise CliError(f"{min(missing)} is not in requirements.lock", "pin it with: ./just lock")
    return cut(lock, needed(asked, _requires))


def _is_ours(requirement: str) -> bool:
    return normal(requirement).startswith(_OURS)


def _requires(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []  # not for this platform, so that it leads to nothing here


def _project(folder: Path) -> dict[str, Any]:
    try:
        project: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    except FileNotFoundError:
        raise CliError(f"{folder} is no service: it has no pyproject.toml", "name the folder of one") from None
    return project
