"""``pharos up``."""

import signal
import time
from collections.abc import Mapping
from pathlib import Path

import click

from pharos.console import note, print_json
from pharos.ending import end
from pharos.errors import CliError
from pharos.follow import follow
from pharos.launch import Launch, WardenLost, launch
from pharos.options import json_option, state_option
from pharos.progress_view import progress_view
from pharos.state import System, find_system, folder_of, refuse_foreign
from pharos.summary import print_report, print_welcome
from pharos.survey import SystemReport, survey
from warden.config import Config, read_config
from warden.layout import StateFolder, project_root
from warden.progress import Failed, PartProgress
from warden.record import read_parts, read_warden

_SETTLE_SECONDS = 10.0
_POLL_SECONDS = 0.2


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
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # undoes a start, and ends what is attached, as Ctrl-C
    folder = folder_of(state)
    record = read_warden(folder)
    if record is not None and record.alive:
        _already_up(find_system(state), port_base, dict(replicas), as_json=as_json)
        return
    refuse_foreign(folder)
    _start(folder, _settings(folder, port_base, dict(replicas)))
    system = find_system(state)
    report = _report(system)
    if as_json:
        print_json(report)
    else:
        print_welcome(system, report, time.monotonic() - began)
    _require_ready(report)
    if attach:
        follow(system)


def _settings(folder: StateFolder, port_base: int | None, replicas: Mapping[str, int]) -> Config:
    """Options go before the settings of what a killed warden left running, and those before the file's."""
    config = read_config(folder.config)
    record = read_warden(folder)
    if record is not None and any(part.alive for part in read_parts(folder)):
        config = config.changed(port_base=record.port_base, replicas=record.replicas)
    return config.changed(port_base=port_base, replicas=replicas)


def _start(folder: StateFolder, config: Config) -> None:
    """Wait until all is ready; undo it all if this is interrupted or the warden is killed."""
    launched = launch(folder, project_root(), config.port_base, config.replicas)
    try:
        _watch(launched)
    except KeyboardInterrupt:
        note("stopping what was started …")
        launched.give_up()
        raise
    except WardenLost:
        launched.child.wait()
        end(folder)
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


def _already_up(system: System, port_base: int | None, replicas: Mapping[str, int], *, as_json: bool) -> None:
    """A second ``up`` shows what runs; it fails if it was asked for something else, or if not all is well."""
    running = system.record
    other_base = port_base not in {None, running.port_base}
    if other_base or any(running.replicas.get(name, 1) != count for name, count in replicas.items()):
        raise CliError("it is running already, with other settings", "stop it first: ./just down")
    report = survey(system, detailed=False)
    note("it is running already")
    if as_json:
        print_json(report)
    else:
        print_report(survey(system, detailed=True))
    _require_ready(report)


def _report(system: System) -> SystemReport:
    """How it is after the start: a part that is slow to answer under the load of the start is asked again."""
    until = time.monotonic() + _SETTLE_SECONDS
    while not (report := survey(system, detailed=False)).ready and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
    return report


def _require_ready(report: SystemReport) -> None:
    if not report.ready:
        unwell = ", ".join(service.name for service in report.services if service.health != "ok")
        raise CliError(f"not all of it is ready{f': {unwell}' if unwell else ''}", "look closer with: ./just status")
