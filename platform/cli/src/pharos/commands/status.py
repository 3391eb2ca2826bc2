"""``pharos status``."""

from pathlib import Path

import click

from pharos.console import note, print_json
from pharos.options import json_option, state_option
from pharos.state import EmbeddedSystem, find_system
from pharos.summary import print_report
from pharos.survey import survey


@click.command()
@state_option
@json_option
def status(*, state: Path | None, as_json: bool) -> None:
    """Show what runs and how it is."""
    system = find_system(state)
    report = survey(system, detailed=True)
    if as_json:
        print_json(report)
    else:
        print_report(report)
    if isinstance(system, EmbeddedSystem) and not system.record.alive:
        note("the supervisor has died; the parts run on. Take them over with ./just up, or end them with ./just down")
