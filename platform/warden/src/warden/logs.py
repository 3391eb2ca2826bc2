"""The log files of parts: opened for appending, kept small without the writer noticing."""

import os
import shutil
from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024
KEPT = 3


def open_log(path: Path) -> int:
    """A descriptor for a part's output; with O_APPEND the writer goes on at the new end after a truncation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def rotate(path: Path, *, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> bool:
    """Copy a file that has grown too large to ``.1`` and truncate it; older copies move up and the oldest goes.

    What is written between the copy and the truncation is lost: the price of writers that never reopen.
    """
    if not path.exists() or path.stat().st_size <= max_bytes:
        return False
    for number in range(kept - 1, 0, -1):
        older = _copy_of(path, number)
        if older.exists():
            older.rename(_copy_of(path, number + 1))
    shutil.copyfile(path, _copy_of(path, 1))
    os.truncate(path, 0)
    return True


def tail(path: Path, lines: int = 15) -> list[str]:
    """The last lines, for an error message."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 16384))
            return file.read().decode(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        return []


def _copy_of(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")
