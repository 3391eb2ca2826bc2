"""``pharos reset``."""

import shutil
from pathlib import Path

import click

from pharos.console import note
from pharos.ending import end
from pharos.errors import CliError
from pharos.options import state_option
from pharos.state import folder_of


@click.command()
@state_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(*, state: Path | None, yes: bool) -> None:
    """Stop everything and delete its data, secrets and logs. Settings and installed tools stay."""
    folder = folder_of(state)
    if not yes:
        _ask(folder.path)
    end(folder)
    for path in (folder.data, folder.secrets, folder.logs):
        shutil.rmtree(path, ignore_errors=False) if path.exists() else None
    folder.journal.unlink(missing_ok=True)
    note(f"deleted the data in {folder.path}")


def _ask(path: Path) -> None:
    try:
        agreed = click.confirm(f"Delete all data in {path}: orders, telemetry, secrets?", default=False)
    except click.Abort:
        raise CliError("nobody answered, nothing was deleted", "say it with: ./just reset --yes") from None
    if not agreed:
        raise CliError("nothing was deleted")
