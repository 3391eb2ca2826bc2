"""``pharos resume NAME``: lift a quarantine."""

from pathlib import Path

import click

from pharos.console import note, print_json
from pharos.options import json_option, state_option
from pharos.recovery import ask_warden
from pharos.state import find_system


@click.command()
@click.argument("name")
@json_option
@state_option
def resume(*, name: str, state: Path | None, as_json: bool) -> None:
    """Start a replica again that warden left alone after too many restarts; NAME is it, or its service."""
    answer = ask_warden(find_system(state), "resume", {"name": name})
    if as_json:
        print_json(answer)
    else:
        note(f"{', '.join(answer['resumed'])} is started again; see how it gets on: ./just journal {name} --follow")
