"""What warden writes down for other processes: who supervises, and which processes run."""

from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from warden.files import write_atomically
from warden.identity import alive
from warden.layout import StateFolder

Document = TypeVar("Document")


class WardenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The supervising process and the settings it was started with."""

    pid: int
    birth: str
    started: float  # Unix time, seconds
    mode: Literal["embedded"] = "embedded"
    port_base: int
    root: str
    replicas: dict[str, int]
    chaos: bool = False  # started with a seam for faults
    ready: bool = False
    seconds: float | None = None  # from start to ready

    @property
    def alive(self) -> bool:
        """Whether this very warden runs."""
        return alive(self.pid, self.birth)


class PartRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One part: the process that runs it, or, with pid 0, that none does at the moment."""

    part: str  # "orders", "postgres"
    instance: str  # "orders-1", "postgres"
    pid: int
    birth: str
    port: int
    version: str
    release: str = ""  # the release that it runs; empty for the checkout's code
    weight: float = 1.0  # its share of the requests, relative to its siblings
    restarts: int = 0

    @property
    def alive(self) -> bool:
        """Whether this very process runs."""
        return self.pid > 0 and alive(self.pid, self.birth)


def read_warden(state: StateFolder) -> WardenRecord | None:
    """The record of the system in this folder, None if it is down; its warden may have died since."""
    return _read(state.warden, WardenRecord)


def read_parts(state: StateFolder) -> list[PartRecord]:
    """The processes last written down; some may have ended since."""
    return _read(state.parts, list[PartRecord]) or []


def write_warden(state: StateFolder, record: WardenRecord) -> None:
    """Replace the record of who supervises."""
    write_atomically(state.warden, msgspec.json.encode(record))


def write_parts(state: StateFolder, records: list[PartRecord]) -> None:
    """Replace the list of running processes."""
    write_atomically(state.parts, msgspec.json.encode(records))


def _read(path: Path, kind: type[Document]) -> Document | None:
    """The document, None if it is not there or is of another version or damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
