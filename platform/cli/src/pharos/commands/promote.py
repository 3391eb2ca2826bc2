"""``pharos promote``."""

from pathlib import Path

import click

from pharos.options import json_option, state_option
from pharos.release.asking import embedded_system, follow, show


@click.command()
@click.argument("service")
@state_option
@json_option
def promote(*, service: str, state: Path | None, as_json: bool) -> None:
    """Go on with the release of SERVICE that is on trial, without a verdict."""
    outcome = follow(embedded_system(state), "promote", {"service": service})
    show(service, outcome, as_json=as_json, wanted="deployed")
