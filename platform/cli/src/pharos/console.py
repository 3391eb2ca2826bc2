"""Output for people and for programs: colour and tables on a terminal, plain lines in a pipe, JSON when asked for."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
import msgspec


def print_json(document: Any) -> None:
    """Write one JSON document and nothing else to standard output."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def print_json_line(document: Any) -> None:
    """Write one JSON document on one line, for outputs that are a document a line."""
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")


def note(text: str) -> None:
    """Say something to a person on standard error, so that standard output stays the answer."""
    click.echo(text, err=True)


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write aligned columns; with a heading in bold on a terminal."""
    lines = [list(header), *[list(row) for row in rows]]
    widths = [max(len(click.unstyle(line[column])) for line in lines) for column in range(len(header))]
    for number, line in enumerate(lines):
        cells = [cell + " " * (width - len(click.unstyle(cell))) for cell, width in zip(line, widths, strict=True)]
        text = "  ".join(cells).rstrip()
        click.echo(click.style(text, bold=True) if number == 0 else text)
