"""``pharos backup``."""

from pathlib import Path

import click

from pharos.console import note, print_json
from pharos.database.find import store_of
from pharos.database.progress import bytes_shown
from pharos.database.snapshot import back_up
from pharos.options import json_option, state_option


@click.command()
@click.argument("service")
@state_option
@json_option
def backup(*, service: str, state: Path | None, as_json: bool) -> None:
    """Write a consistent copy of SERVICE's database into the folder `backups` of the state folder."""
    with store_of(service, state) as store, bytes_shown(f"backing up {service}") as progress:
        path, manifest = back_up(store, progress)
    rows = sum(manifest.rows.values())
    if as_json:
        print_json({"file": str(path), "service": service, "version": manifest.version, "taken": manifest.taken,
                    "migrations": manifest.migrations, "rows": manifest.rows, "bytes": path.stat().st_size,
                    "sha256": manifest.sha256})  # fmt: skip
    else:
        click.echo(path)
        note(f"{service}: {rows} rows of {len(manifest.rows)} tables; restore it with: ./just {service} restore {path}")
