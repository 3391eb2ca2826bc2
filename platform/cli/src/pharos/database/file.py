"""A backup file: a tar archive with `manifest.json` and then `dump.sql.gz`, readable by its owner only.

It is written under another name and renamed when all of it is on the disk, so a file of the final name is whole.
"""

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from pharos.database.dump import Contents, ForeignCommand
from pharos.database.errors import BackupRefused
from warden.files import private_folder

FORMAT = 1
_MANIFEST, _DUMP = "manifest.json", "dump.sql.gz"
_ANOTHER = "take another file of the backups folder, or make a new one with: ./just SERVICE backup"
_UNREADABLE = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, KeyError, msgspec.MsgspecError, ForeignCommand)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is of; `sha256` and `bytes` are those of the compressed dump, `taken` is UTC, ISO 8601."""

    format: int
    service: str
    version: str
    taken: str
    migrations: list[str]
    rows: dict[str, int]
    bytes: int
    sha256: str


def write(folder: Path, service: str, version: str, dump: Iterable[bytes]) -> tuple[Path, Manifest]:
    """Write the lines of a dump as a backup of this service; the file's path and its manifest.

    Raises:
        OSError: the disk is full, or the folder is not ours.
    """
    private_folder(folder)
    taken = datetime.now(UTC)
    path = folder / f"{service}-{taken:%Y%m%dT%H%M%S.%fZ}.tar"
    unfinished, packed = folder / f".{path.name}.{os.getpid()}", folder / f".{path.name}.{os.getpid()}.gz"
    try:
        contents = _pack(packed, dump)
        with packed.open("rb") as compressed:
            digest = _digest(compressed)
        manifest = Manifest(
            format=FORMAT, service=service, version=version, taken=taken.isoformat(timespec="seconds"),
            migrations=contents.migrations, rows=contents.rows, bytes=packed.stat().st_size, sha256=digest,
        )  # fmt: skip
        _join(unfinished, manifest, packed)
        unfinished.rename(path)
    finally:
        packed.unlink(missing_ok=True)
        unfinished.unlink(missing_ok=True)
    return path, manifest


def inspect(path: Path) -> Manifest:
    """Read all of a backup, and see that it is whole and is one.

    Raises:
        BackupRefused: it is not there, is no backup, is of a later format, or was changed or cut off.
    """
    try:
        with tarfile.open(path, "r:") as archive:
            document = archive.extractfile(_MANIFEST)
            manifest = msgspec.json.decode(document.read() if document else b"", type=Manifest)
            packed = archive.extractfile(_DUMP)
            digest = _digest(packed) if packed else ""
    except FileNotFoundError:
        raise BackupRefused(f"there is no file {path}", "give the path that the backup was written to") from None
    except IsADirectoryError:
        raise BackupRefused(f"{path} is a folder", "give the path of a file in it") from None
    except _UNREADABLE as error:
        raise BackupRefused(f"{path} is no backup, or not a whole one ({type(error).__name__})", _ANOTHER) from None
    if manifest.format != FORMAT:
        raise BackupRefused(f"{path} has format {manifest.format}, known is {FORMAT}", "use the release that made it")
    if digest != manifest.sha256:
        raise BackupRefused(f"{path} was changed or cut off: its SHA-256 is not the one it was written with", _ANOTHER)
    _compare(path, manifest)
    return manifest


@contextmanager
def dump_of(path: Path) -> Iterator[Iterator[bytes]]:
    """The lines of the dump in a backup that was inspected."""
    with tarfile.open(path, "r:") as archive:
        packed = archive.extractfile(_DUMP)
        with gzip.open(packed or io.BytesIO(), "rb") as lines:
            yield iter(lines)


def _compare(path: Path, manifest: Manifest) -> None:
    """What the dump holds must be what the manifest says: both are read by the one who restores."""
    contents = Contents()
    try:
        with dump_of(path) as lines:
            for line in lines:
                contents.read(line)
    except _UNREADABLE as error:
        raise BackupRefused(f"{path}: its dump cannot be used ({type(error).__name__}: {error})", _ANOTHER) from None
    if (contents.rows, contents.migrations) != (manifest.rows, manifest.migrations):
        raise BackupRefused(f"{path}: its manifest does not tell of this dump", _ANOTHER)


def _pack(path: Path, dump: Iterable[bytes]) -> Contents:
    contents = Contents()
    with _private(path) as file, gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed:
        for line in dump:
            contents.read(line)
            packed.write(line)
    return contents


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _join(path: Path, manifest: Manifest, packed: Path) -> None:
    with _private(path) as file:
        with tarfile.open(fileobj=file, mode="w:", format=tarfile.PAX_FORMAT) as archive, packed.open("rb") as dump:
            document = msgspec.json.format(msgspec.json.encode(manifest))
            archive.addfile(_entry(_MANIFEST, len(document)), io.BytesIO(document))
            archive.addfile(_entry(_DUMP, manifest.bytes), dump)
        file.flush()
        os.fsync(file.fileno())


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file
