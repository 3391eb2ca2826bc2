"""Runbooks as dashboards: Grafana shows nothing else, and whoever is paged reads them where the graphs are."""

from pathlib import Path
from typing import Final

from board import RUNBOOK, Board, Section, board
from panels import words

FOLDER: Final = "runbooks"


def runbooks(folder: Path) -> list[Board]:
    """A page for each file of the folder, which links call `runbook-NAME`."""
    return [_page(file) for file in sorted(folder.glob("*.md")) if file.stem != "README"]


def _page(file: Path) -> Board:
    description = f"What to do when {file.stem} fires; kept in observability/runbooks/{file.name}."
    page = words(file.read_text(encoding="utf-8")).title(file.stem).description(description).span(24).height(24)
    return board(
        f"runbook-{file.stem}",
        file.stem,
        description,
        [Section("", [page])],
        owner=FOLDER,
        tags=[RUNBOOK],
        marked=False,
    )
