"""Whether the images of ours are still those that this checkout makes: even a build of nothing takes seconds."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from pharos.docker.engine import DockerError, call
from warden.files import write_atomically


class Built(msgspec.Struct, frozen=True):
    """What was built, and from what."""

    inputs: str  # digest of the files
    images: dict[str, str]  # by name: the engine's ID


def digest_of(root: Path, dockerfiles: Iterable[Path]) -> str | None:
    """Changes when a file that goes into an image does; None where ``.dockerignore`` does not list those files."""
    files = _inputs(root)
    if files is None:
        return None
    digest = hashlib.sha256()
    for file in sorted({*files, *dockerfiles, root / ".dockerignore", root / "compose.yaml"}):
        digest.update(f"{file.relative_to(root)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_built(record: Path, inputs: str | None, images: list[str]) -> bool:
    """Whether the engine has exactly what was built from these inputs."""
    built = _read(record)
    return built is not None and built.inputs == inputs and ids_of(images) == built.images


def write_built(record: Path, inputs: str | None, images: list[str]) -> None:
    """Remember what has been built just now."""
    if inputs is not None:
        write_atomically(record, msgspec.json.encode(Built(inputs, ids_of(images))))


def ids_of(images: list[str]) -> dict[str, str]:
    """The engine's ID of each image, nothing if it does not have all of them."""
    try:
        found = call("image", "inspect", "--format", "{{.Id}}", *images).split()
    except DockerError:
        return {}
    return dict(zip(images, found, strict=True))


def _inputs(root: Path) -> set[Path] | None:
    """The files that ``.dockerignore`` excepts from leaving out everything."""
    try:
        lines = [line.strip() for line in (root / ".dockerignore").read_text().splitlines()]
    except FileNotFoundError:
        return None
    patterns = [line for line in lines if line and not line.startswith("#")]
    if not patterns or patterns[0] != "*":
        return None
    chosen = [path for line in patterns if line.startswith("!") for path in root.glob(line.removeprefix("!"))]
    files = [file for path in chosen for file in (path.rglob("*") if path.is_dir() else [path])]
    return {file for file in files if file.is_file() and "__pycache__" not in file.parts}


def _read(record: Path) -> Built | None:
    try:
        return msgspec.json.decode(record.read_bytes(), type=Built)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
