"""Options that several commands have alike."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])


def state_option(command: Command) -> Command:
    """``--state DIR``: which system is meant."""
    return click.option(
        "--state",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Folder of the system's state; PHAROS_STATE, else .pharos in the checkout.",
    )(command)


def json_option(command: Command) -> Command:
    """``--json``: the answer as one document, in the shape of docs/cli.md."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON (docs/cli.md has the shapes).")(command)
