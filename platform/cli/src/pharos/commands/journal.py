"""``pharos journal``: what warden saw, decided and did."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import click

from pharos.console import print_json_line
from pharos.options import json_option, state_option
from pharos.recovery import entries_from_now, entries_of
from pharos.state import folder_of
from warden.journal import Entry


@click.command()
@click.argument("name", required=False)
@click.option("--follow", is_flag=True, help="Go on with what is written from now on, until Ctrl-C.")
@json_option
@state_option
def journal(*, name: str | None, follow: bool, state: Path | None, as_json: bool) -> None:
    """Show what warden saw, decided and did, and why, oldest first (UTC).

    NAME leaves only what is about one replica, such as orders-1, or one service.
    """
    folder = folder_of(state)
    entries: Iterable[Entry] = entries_of(folder)
    if follow:
        entries = chain(entries, entries_from_now(folder))
    for entry in entries:
        if name is None or name in {entry.instance, entry.service}:
            _show(entry, as_json=as_json)


def _show(entry: Entry, *, as_json: bool) -> None:
    if as_json:
        print_json_line(entry)
        return
    when = datetime.fromtimestamp(entry.time, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    what = f"{entry.event} ({entry.fault})" if entry.fault else entry.event
    click.echo(f"{when}  {entry.instance:<18}  {what:<24}  {entry.reason}")
