"""A release of one service: a folder of files that never change, listed with their digests in its ``manifest.json``."""

import hashlib
import re
from pathlib import Path

import msgspec

from chassis.manifest import load_manifest
from warden.catalog import Service
from warden.layout import StateFolder
from warden.release.errors import ReleaseDamaged, ReleaseUnknown

MANIFEST = "manifest.json"
REQUIREMENTS = "requirements.txt"
COMPLETE = "complete"
"""The file in an environment that says which release it was made for; written when it is whole."""
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!_-]{0,63}")


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a release consists of. Two releases with the same content have the same manifest, byte for byte.

    Attributes:
        service: whose it is.
        version: of the service.
        chassis: the version of chassis that it brings along.
        files: the SHA-256 of every other file of the folder, in hexadecimal, by name.
    """

    service: str
    version: str
    chassis: str
    files: dict[str, str]


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a release but its manifest, by name; empty for what is no file."""
    found = sorted(file for file in folder.iterdir() if file.name != MANIFEST)
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "" for file in found}


def encode(manifest: Manifest) -> bytes:
    """The content of ``manifest.json``."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=2) + b"\n"


def versions(state: StateFolder, service: str) -> list[str]:
    """The versions of which a release was built, the last one built at the end."""
    built = (state.releases / service).glob(f"*/{MANIFEST}")
    return [file.parent.name for file in sorted(built, key=lambda file: (file.stat().st_mtime, file))]


def folder_of(state: StateFolder, service: str, version: str) -> Path:
    """Where the release of this version is, or would be.

    Raises:
        ReleaseUnknown: that is no version.
    """
    if not _VERSION.fullmatch(version):
        raise ReleaseUnknown(f"{version!r} is no version", "a version begins with a digit: 1.2.3")
    return state.releases / service / version


def read(state: StateFolder, service: str, version: str) -> Manifest:
    """The manifest of a release whose every file has been held against it.

    Raises:
        ReleaseUnknown: it was not built.
        ReleaseDamaged: a file is not the one that was built.
    """
    folder = folder_of(state, service, version)
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        built = ", ".join(versions(state, service))
        raise ReleaseUnknown(
            f"there is no release {version} of {service}",
            f"those are: {built}" if built else f"build one with: ./just {service} release",
        ) from None
    except msgspec.DecodeError as error:
        raise _damaged(folder, f"{MANIFEST} is no manifest: {error}") from None
    found = digests(folder)
    wrong = sorted(name for name in {*manifest.files, *found} if manifest.files.get(name) != found.get(name))
    if wrong:
        raise _damaged(folder, f"{wrong[0]} is not the file that was built")
    return manifest


def environment_of(state: StateFolder, service: str, version: str) -> Path:
    """Where the Python environment of a release is, or would be."""
    return state.environments / service / version


def is_complete(folder: Path, environment: Path) -> bool:
    """Whether an environment is whole, and of the release in this folder."""
    mark = environment / COMPLETE
    return mark.exists() and mark.read_bytes() == (folder / MANIFEST).read_bytes()


def released(state: StateFolder, service: str, version: str) -> Service:
    """A release as a service that can be run.

    Raises:
        ReleaseUnknown: it was not built.
        ReleaseDamaged: it is not what was built, or has no environment.
        ConfigurationError: its ``service.toml`` is wrong.
    """
    read(state, service, version)
    folder, environment = folder_of(state, service, version), environment_of(state, service, version)
    if not is_complete(folder, environment):
        raise ReleaseDamaged(
            f"release {version} of {service} has no environment to run in",
            f"make it with: ./just {service} deploy {version}",
        )
    python = str(environment / "bin" / "python")
    return Service(load_manifest(folder / "service.toml"), folder, version, version, python)


def _damaged(folder: Path, what: str) -> ReleaseDamaged:
    return ReleaseDamaged(f"{folder}: {what}", f"delete {folder} and build it again, from the same sources")
