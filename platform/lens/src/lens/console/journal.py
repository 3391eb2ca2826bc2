"""What the supervisor wrote into its journal: a JSON document a line, in a file and the one it was rotated to."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

_ID_BYTES: Final = 8


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line.

    Attributes:
        id: names the line; made of its bytes.
        time: Unix time, seconds.
        event: what happened, such as `exited`, `hung`, `started`, `ready`.
        instance: the replica.
        service: the part that it belongs to.
        fault: what it is about; empty for ordinary life.
        action: what was decided; empty where nothing was.
        reason: in words.
        trace_id: the trace of the decision; empty without one.
        details: figures of the event; of a dump, what could be had of the process.
    """

    id: str = ""
    time: float
    event: str
    instance: str = ""
    service: str = ""
    owner: str = ""
    fault: str = ""
    action: str = ""
    reason: str = ""
    trace_id: str = ""
    span_id: str = ""
    details: dict[str, Any] = {}


class Journal(NamedTuple):
    """All that is kept, newest first, and how many lines could not be understood."""

    entries: tuple[Entry, ...] = ()
    unreadable: int = 0


_decode: Final = msgspec.json.Decoder(Entry).decode


def read_journal(path: Path | None) -> Journal:
    """The journal at this path with what was rotated away; empty where there is none.

    The half line that another process is just writing is none yet.

    Raises:
        OSError: a file is there and cannot be read.
    """
    if path is None:
        return Journal()
    now, before = (_part(file) for file in (path, path.with_name(f"{path.name}.1")))
    return Journal(now.entries + before.entries, now.unreadable + before.unreadable)


def _part(file: Path) -> Journal:
    try:
        known = file.stat()
        return _read(file, known.st_ino, known.st_size, known.st_mtime_ns)
    except FileNotFoundError:
        return Journal()


@lru_cache(2)
def _read(file: Path, _inode: int, _size: int, _changed_ns: int) -> Journal:
    """What a file holds; the newest state of both files is kept."""
    whole, _, _ = file.read_bytes().rpartition(b"\n")
    lines = [line for line in whole.splitlines() if line]
    entries = [entry for line in reversed(lines) if (entry := _entry(line))]
    return Journal(tuple(entries), len(lines) - len(entries))


def _entry(line: bytes) -> Entry | None:
    try:
        entry = _decode(line)
    except msgspec.DecodeError:
        return None
    name = hashlib.blake2b(line, digest_size=_ID_BYTES).hexdigest()
    return msgspec.structs.replace(entry, id=name, service=entry.service or _service(entry.instance))


def _service(instance: str) -> str:
    """The part of a replica such as `orders-1`; what has no number is its own part."""
    service, dash, number = instance.rpartition("-")
    return service if dash and number.isdecimal() else instance
