"""Runbooks as dashboards: Grafana shows nothing else, and whoever is paged reads them where the graphs are."""

import re
from pathlib import Path
from typing import Final

from board import RUNBOOK, Board, Section, board
from panels import words

FOLDER: Final = "runbooks"
GENERAL: Final = "README"
"""The file about all of them, which they refer to."""
_RUNBOOK: Final = re.compile(r"\]\((?P<name>\w+)\.md(?:#[\w-]+)?\)")
_ELSEWHERE: Final = re.compile(r"\[(?P<text>[^\]]+)\]\((?:\.\./)+(?P<path>[^)#]+)[^)]*\)")


def runbooks(folder: Path) -> list[Board]:
    """A page for each file of the folder, which links call `runbook-NAME`."""
    return [_page(file) for file in sorted(folder.glob("*.md"))]


def _page(file: Path) -> Board:
    name, where = file.stem, f"kept in observability/runbooks/{file.name}."
    title = "About the runbooks" if name == GENERAL else name
    description = f"{title}; {where}" if name == GENERAL else f"What to do when {name} fires; {where}"
    page = words(_content(file.read_text(encoding="utf-8"))).title(title).description(description).span(24).height(24)
    return board(
        f"runbook-{name}",
        title,
        description,
        [Section("", [page])],
        owner=FOLDER,
        tags=[RUNBOOK],
        marked=False,
    )


def _content(text: str) -> str:
    """The text with links that lead somewhere from here, and without variables where Grafana would see some."""
    linked = _RUNBOOK.sub(r"](/d/runbook-\g<name>)", text)
    return _ELSEWHERE.sub(r"\g<text> (`\g<path>`)", linked).replace("$", "&#36;")
