"""``pharos reset``."""

import shutil
from pathlib import Path

import click

from pharos.console import note, print_json
from pharos.ending import end_all
from pharos.errors import CliError
from pharos.options import json_option, state_option
from pharos.state import folder_of, refuse_foreign
from warden.layout import StateFolder


@click.command()
@state_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def reset(*, state: Path | None, yes: bool, as_json: bool) -> None:
    """Stop everything and delete its data, secrets and logs. Settings and installed tools stay."""
    folder = folder_of(state)
    refuse_foreign(folder)
    if not yes:
        _ask(folder.path)
    stopped = end_all(folder)
    deleted = _delete(folder)
    if as_json:
        print_json({"stopped": stopped, "deleted": deleted})
    else:
        note(f"deleted the data in {folder.path}" if deleted else f"there was no data in {folder.path}")


def _ask(path: Path) -> None:
    try:
        agreed = click.confirm(f"Delete all data in {path}: orders, telemetry, secrets?", default=False, err=True)
    except click.Abort:
        raise CliError("nobody answered, nothing was deleted", "say it with: ./just reset --yes") from None
    if not agreed:
        raise CliError("nothing was deleted")


def _delete(folder: StateFolder) -> bool:
    """Whether there was anything to delete."""
    if folder.docker.path.exists():
        from pharos.docker.ending import delete_volumes  # noqa: PLC0415 - embedded mode does without

        delete_volumes(folder)
    folders = [path for path in (folder.docker.path, folder.data, folder.secrets, folder.logs) if path.exists()]
    journals = list(folder.path.glob(f"{folder.journal.name}*"))
    for path in folders:
        shutil.rmtree(path)
    for file in journals:
        file.unlink()
    return bool(folders or journals)
