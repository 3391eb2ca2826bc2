"""Verdicts as files, one each."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from chaos.verdict import Verdict
from warden.files import private_folder, write_atomically
from warden.layout import StateFolder


def store(state: StateFolder, verdict: Verdict) -> Path:
    """Write a verdict; the file."""
    folder = private_folder(state.verdicts)
    moment = datetime.fromtimestamp(verdict.began, UTC)
    file = folder / f"{moment:%Y%m%dT%H%M%S.%fZ}-{verdict.experiment}.json"
    write_atomically(file, msgspec.json.format(msgspec.json.encode(verdict), indent=2))
    return file


def stored(state: StateFolder) -> Iterator[Verdict]:
    """Every verdict, the oldest first; files of another version are passed over."""
    for file in sorted(state.verdicts.glob("*.json")):
        try:
            yield msgspec.json.decode(file.read_bytes(), type=Verdict)
        except msgspec.DecodeError:
            continue
