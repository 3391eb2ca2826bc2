"""``pharos promote``."""

from pathlib import Path

import click

from pharos.options import json_option, state_option
from pharos.release import asking
from pharos.state import find_system


@click.command()
@click.argument("service")
@state_option
@json_option
def promote(*, service: str, state: Path | None, as_json: bool) -> None:
    """Go on with the release of SERVICE that is on trial, without a verdict."""
    system = find_system(state)
    outcome = asking.promote(system, service)
    asking.show(system, service, outcome, as_json=as_json, wanted="deployed")
