"""What is written down about a system of containers: that it is up, and what it was started with."""

from typing import Literal

import msgspec

from warden.files import private_folder, write_atomically
from warden.layout import StateFolder


class DockerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """``docker/system.json`` in the state folder; there from the start until ``down``."""

    mode: Literal["docker"] = "docker"
    project: str
    root: str
    port_base: int
    without: list[str]
    replicas: dict[str, int]  # as asked for
    parts: dict[str, int]  # every part that runs, and in how many containers
    versions: dict[str, str]
    started: float  # Unix time, seconds
    ready: bool = False
    seconds: float | None = None  # from start to ready
    chaos: bool = False  # whether connections are led through Toxiproxy


def read_record(folder: StateFolder) -> DockerRecord | None:
    """The record, None if the system is down, or the record is damaged or of another version."""
    try:
        return msgspec.json.decode((folder.docker.path / "system.json").read_bytes(), type=DockerRecord)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_record(folder: StateFolder, record: DockerRecord) -> None:
    """Replace the record."""
    private_folder(folder.docker.path)
    write_atomically(folder.docker.path / "system.json", msgspec.json.encode(record))


def forget(folder: StateFolder) -> None:
    """The system is down."""
    (folder.docker.path / "system.json").unlink(missing_ok=True)
