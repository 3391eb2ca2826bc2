"""``pharos rollback``."""

from pathlib import Path

import click

from pharos.options import json_option, state_option
from pharos.release import asking
from pharos.release.environment import ensure_way_back
from pharos.state import EmbeddedSystem, find_system
from warden.layout import project_root


@click.command()
@click.argument("service")
@state_option
@json_option
def rollback(*, service: str, state: Path | None, as_json: bool) -> None:
    """Undo the rollout of SERVICE that is under way, else bring back the last release that served well."""
    system = find_system(state)
    if isinstance(system, EmbeddedSystem):
        ensure_way_back(system.folder, project_root(), service)
    outcome = asking.roll_back(system, service)
    asking.show(system, service, outcome, as_json=as_json, wanted="rolled-back")
