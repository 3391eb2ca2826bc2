"""``pharos restore``."""

from pathlib import Path

import click

from pharos.console import note, print_json
from pharos.database.errors import NotEmpty
from pharos.database.find import store_of
from pharos.database.progress import bytes_shown
from pharos.database.snapshot import examine, put_back, rows_of
from pharos.database.store import Store, apply_migrations
from pharos.errors import CliError
from pharos.options import json_option, state_option


@click.command()
@click.argument("service")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Delete the data that is there.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@state_option
@json_option
def restore(*, service: str, file: Path, replace: bool, yes: bool, state: Path | None, as_json: bool) -> None:
    """Put a backup FILE of SERVICE back, all of it or nothing; no replica of it may run meanwhile."""
    with store_of(service, state) as store:
        manifest = examine(store, file)
        _agree(store, file, replace=replace, yes=yes)
        with bytes_shown(f"restoring {service}") as progress:
            put_back(store, file, progress)
        applied = apply_migrations(store)
    if as_json:
        print_json({"service": service, "file": str(file), "rows": manifest.rows, "applied": applied})
        return
    note(f"{service}: {sum(manifest.rows.values())} rows of {len(manifest.rows)} tables, as of {manifest.taken}")
    for name in applied:
        note(f"{service}: applied {name}, which the backup is older than")
    note("the other services went on since then: docs/database.md says what to look at")


def _agree(store: Store, file: Path, *, replace: bool, yes: bool) -> None:
    """Data that is there goes only if that was asked for twice."""
    name, rows = store.service.name, {table: count for table, count in rows_of(store).items() if count}
    if not rows:
        return
    held = f"the database of {name} holds {sum(rows.values())} rows ({', '.join(rows)})"
    if not replace:
        raise NotEmpty(held, f"keep them with ./just {name} backup, then: ./just {name} restore {file} --replace")
    if yes:
        return
    try:
        agreed = click.confirm(f"{held}. Delete them?", default=False, err=True)
    except click.Abort:
        raise CliError("nobody answered, nothing was changed", "say it with: --replace --yes") from None
    if not agreed:
        raise CliError("nothing was changed")
