"""Verdicts as files, one each."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from chaos.verdict import Verdict
from warden.files import private_folder, write_atomically
from warden.layout import StateFolder

_UNSAFE: Final = re.compile("[^0-9A-Za-z]+")


def verdicts_folder(state: StateFolder) -> Path:
    """Where the verdicts of a system are."""
    return state.path / "chaos" / "verdicts"


def store(state: StateFolder, verdict: Verdict) -> Path:
    """Write a verdict; the file."""
    folder = private_folder(verdicts_folder(state))
    file = folder / f"{_UNSAFE.sub('', verdict.began)}-{verdict.experiment}.json"
    write_atomically(file, msgspec.json.format(msgspec.json.encode(verdict), indent=2))
    return file


def stored(state: StateFolder) -> Iterator[Verdict]:
    """Every verdict, the oldest first; files of another version are passed over."""
    for file in sorted(verdicts_folder(state).glob("*.json")):
        try:
            yield msgspec.json.decode(file.read_bytes(), type=Verdict)
        except msgspec.DecodeError:
            continue
