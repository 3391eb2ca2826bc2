"""Dashboards and runbooks: files of the checkout, found by the name that they have inside or by their file's."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
from loguru import logger

_TITLE: Final = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.MULTILINE)
_NOT_A_RUNBOOK: Final = "README"


class DashboardSummary(msgspec.Struct, frozen=True):
    """What a list shows of a dashboard; `folder` is its owner."""

    uid: str
    title: str
    description: str
    folder: str
    tags: list[str]


class RunbookSummary(msgspec.Struct, frozen=True):
    """What a list shows of a runbook."""

    name: str
    title: str


class Runbook(RunbookSummary, frozen=True):
    """A whole runbook."""

    markdown: str


class _Head(msgspec.Struct, frozen=True):
    """What the list needs of Grafana's file."""

    uid: str
    title: str
    description: str = ""
    tags: list[str] = []


_decode_head = msgspec.json.Decoder(_Head).decode


def dashboards(folder: Path | None) -> list[DashboardSummary]:
    """All dashboards, by folder and title."""
    found = [summary for _, summary in _dashboard_files(folder)]
    return sorted(found, key=lambda one: (one.folder, one.title))


def dashboard(folder: Path | None, uid: str) -> bytes | None:
    """Grafana's file of a dashboard as it is, or None."""
    return next((file.read_bytes() for file, summary in _dashboard_files(folder) if summary.uid == uid), None)


def runbooks(folder: Path | None) -> list[RunbookSummary]:
    """All runbooks, by name."""
    return [
        RunbookSummary(file.stem, _title(file.read_text(encoding="utf-8"), file.stem))
        for file in _runbook_files(folder)
    ]


def runbook(folder: Path | None, name: str) -> Runbook | None:
    """A runbook by its name, or None."""
    for file in _runbook_files(folder):
        if file.stem == name:
            text = file.read_text(encoding="utf-8")
            return Runbook(name, _title(text, name), text)
    return None


def _dashboard_files(folder: Path | None) -> list[tuple[Path, DashboardSummary]]:
    found = []
    for file in sorted(folder.glob("*/*.json")) if folder else ():
        summary = _summary(file, file.stat().st_mtime_ns)
        if summary is not None:
            found.append((file, summary))
    return found


@lru_cache(256)
def _summary(file: Path, _changed_ns: int) -> DashboardSummary | None:
    try:
        head = _decode_head(file.read_bytes())
    except msgspec.DecodeError as error:
        logger.warning("{} is left out: it is no dashboard: {}", file, error)
        return None
    return DashboardSummary(head.uid, head.title, head.description, file.parent.name, head.tags)


def _runbook_files(folder: Path | None) -> list[Path]:
    return [file for file in sorted(folder.glob("*.md")) if file.stem != _NOT_A_RUNBOOK] if folder else []


def _title(markdown: str, name: str) -> str:
    found = _TITLE.search(markdown)
    return found[1] if found else name
