"""``pharos up``."""

import time
from collections.abc import Mapping
from pathlib import Path

import click

from pharos.console import note, print_json
from pharos.errors import CliError
from pharos.follow import follow
from pharos.launch import Launch, launch
from pharos.options import json_option, state_option
from pharos.progress_view import progress_view
from pharos.state import System, find_system, folder_of
from pharos.summary import print_report, print_welcome
from pharos.survey import survey
from warden.config import Config, read_config
from warden.layout import StateFolder, project_root
from warden.progress import Failed, PartProgress
from warden.record import read_warden


class Replicas(click.ParamType["tuple[str, int]"]):
    """``NAME=N``."""

    name = "NAME=N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Take the pair apart; it fails as a usage error."""
        name, _, count = str(value).partition("=")
        if not name or not count.isdecimal() or not 1 <= int(count) <= 16:
            self.fail(f"{value!r} is not NAME=N with N from 1 to 16, such as orders=2", param, ctx)
        return name, int(count)


@click.command()
@state_option
@click.option("--port-base", type=int, metavar="PORT", help="First of the hundred ports used (default 7700).")
@click.option("--replicas", type=Replicas(), multiple=True, help="Replicas of a service; may be repeated.")
@click.option("--attach", is_flag=True, help="Stay, follow the logs, and stop everything on Ctrl-C.")
@json_option
def up(
    *,
    state: Path | None,
    port_base: int | None,
    replicas: tuple[tuple[str, int], ...],
    attach: bool,
    as_json: bool,
) -> None:
    """Start everything and wait until it is ready.

    Ctrl-C before that undoes all. Afterwards the system runs on by itself until ``down``.
    """
    began = time.monotonic()
    folder = folder_of(state)
    config = read_config(folder.config).changed(port_base=port_base, replicas=dict(replicas))
    record = read_warden(folder)
    if record is not None and record.alive:
        _already_up(find_system(state), config, asked=bool(replicas or port_base), as_json=as_json)
        return
    _start(folder, config)
    system = find_system(state)
    report = survey(system, detailed=False)
    if as_json:
        print_json(report)
    else:
        print_welcome(system, report, time.monotonic() - began)
    if attach:
        follow(system)


def _start(folder: StateFolder, config: Config) -> None:
    """Wait until all is ready; undo it all if this is interrupted."""
    launched = launch(folder, project_root(), config.port_base, config.replicas)
    try:
        _watch(launched)
    except KeyboardInterrupt:
        note("stopping what was started …")
        launched.give_up()
        raise


def _watch(launched: Launch) -> None:
    failure: Failed | None = None
    with progress_view() as view:
        for event in launched.events():
            if isinstance(event, PartProgress):
                view.show(event)
            elif isinstance(event, Failed):
                failure = event
    if failure is not None:
        launched.child.wait()
        for line in failure.log:
            note(f"  | {line}")
        raise CliError(failure.message, failure.hint)


def _already_up(system: System, config: Config, *, asked: bool, as_json: bool) -> None:
    """A second ``up`` shows what runs; it fails if it was asked for something else, or if not all is well."""
    running: tuple[int, Mapping[str, int]] = (system.record.port_base, system.record.replicas)
    if asked and running != (config.port_base, config.replicas):
        raise CliError("it is running already, with other settings", "stop it first: ./just down")
    report = survey(system, detailed=False)
    note("it is running already")
    if as_json:
        print_json(report)
    else:
        print_report(survey(system, detailed=True))
    if not report.ready:
        raise CliError("not all of it is ready", "look closer with: ./just status")
