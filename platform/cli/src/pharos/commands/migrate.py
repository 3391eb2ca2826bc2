"""``pharos migrate``."""

from pathlib import Path

import click

from pharos.console import note, print_json
from pharos.database.find import store_of
from pharos.database.store import Migrations, apply_migrations, migrations_of
from pharos.options import json_option, state_option


@click.command()
@click.argument("service")
@click.option("--status", is_flag=True, help="Only show what has been applied and what is pending.")
@state_option
@json_option
def migrate(*, service: str, status: bool, state: Path | None, as_json: bool) -> None:
    """Bring SERVICE's database to the schema of its code. Safe while replicas run, and beside another migration."""
    with store_of(service, state) as store:
        if status:
            _show(service, migrations_of(store), as_json=as_json)
            return
        applied = apply_migrations(store)
    if as_json:
        print_json({"service": service, "applied": applied})
        return
    for name in applied:
        click.echo(f"applied {name}")
    note(f"{service}: {len(applied)} migrations applied" if applied else f"{service}: nothing was pending")


def _show(service: str, found: Migrations, *, as_json: bool) -> None:
    states = {"applied": found.applied, "pending": found.pending, "unknown": found.unknown}
    if as_json:
        print_json({"service": service, **states})
        return
    for state, names in states.items():
        for name in names:
            click.echo(f"{state:<8} {name}")
    if found.unknown:
        note("unknown ones were applied by a later release than this code is of")
