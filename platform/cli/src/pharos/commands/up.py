"""``pharos up``."""

import signal
import time
from pathlib import Path

import click

from pharos.console import note, print_json
from pharos.docker.choice import OPTIONAL
from pharos.docker.record import forget
from pharos.docker.system import DockerSystem, is_up
from pharos.embedded import start_processes
from pharos.errors import CliError
from pharos.follow import follow
from pharos.options import json_option, state_option
from pharos.report import SystemReport
from pharos.state import (
    EmbeddedSystem,
    System,
    find_docker,
    find_embedded,
    find_system,
    folder_of,
    refuse_foreign,
    stop_command,
)
from pharos.summary import print_report, print_welcome
from pharos.survey import survey
from pharos.wish import Wish
from warden.config import Mode, read_config
from warden.layout import StateFolder

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
@click.option("--docker", "mode", flag_value="docker", help="Run everything in containers of the Docker engine.")
@click.option("--embedded", "mode", flag_value="embedded", help="Run everything as processes; needs no engine.")
@click.option(
    "--without",
    type=click.Choice(OPTIONAL),
    multiple=True,
    metavar="PART",
    help=f"With --docker, leave a part out; may be repeated. One of: {', '.join(OPTIONAL)}.",
)
@click.option("--port-base", type=int, metavar="PORT", help="First of the hundred ports used (default 7700).")
@click.option("--replicas", type=Replicas(), multiple=True, help="Replicas of a service; may be repeated.")
@click.option("--chaos", is_flag=True, help="Give ./just chaos a seam in services, or, with --docker, Toxiproxy.")
@click.option("--attach", is_flag=True, help="Stay, follow the logs, and stop everything on Ctrl-C.")
@json_option
def up(
    *,
    state: Path | None,
    mode: Mode | None,
    without: tuple[str, ...],
    port_base: int | None,
    replicas: tuple[tuple[str, int], ...],
    chaos: bool,
    attach: bool,
    as_json: bool,
) -> None:
    """Start everything and wait until it is ready.

    Ctrl-C before that undoes all. Afterwards the system runs on by itself until ``down``.
    """
    began = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # undoes a start, and ends what is attached, as Ctrl-C
    folder = folder_of(state)
    wish = Wish(mode, port_base, dict(replicas), without, chaos)
    if running := _running(folder, wish):
        _already_up(running, wish, as_json=as_json)
        return
    refuse_foreign(folder)
    _start(folder, wish, began)
    system = find_system(state)
    report = _report(system)
    if as_json:
        print_json(report)
    else:
        print_welcome(system, report, time.monotonic() - began)
    _require_ready(report)
    if attach:
        follow(system)
    elif isinstance(system, EmbeddedSystem):
        _mention_docker()


def _running(folder: StateFolder, wish: Wish) -> System | None:
    """What is up completely; what is up in part is taken over by a start.

    Raises:
        CliError: it is up in the other mode than the one that is asked for.
    """
    processes, containers = find_embedded(folder), find_docker(folder)
    if processes is not None:
        if wish.mode == "docker":
            raise _up_already(folder, "as processes (embedded mode)")
        return processes if processes.record.alive else None
    if containers is not None and is_up(containers):
        if wish.mode == "embedded":
            raise _up_already(folder, "in containers (Docker mode)")
        return containers if containers.record.ready else None
    return None


def _start(folder: StateFolder, wish: Wish, began: float) -> None:
    """In the mode that was asked for, else that of what runs in part, else that of the settings."""
    partly: Mode | None = "embedded" if find_embedded(folder) else "docker" if find_docker(folder) else None
    mode = wish.mode or partly or read_config(folder.config).mode
    if wish.without and mode != "docker":
        raise click.UsageError("--without is for Docker mode: add --docker")
    try:
        if mode == "docker":
            from pharos.docker.up import start_containers  # noqa: PLC0415 - embedded mode does without

            start_containers(folder, wish, began)
        else:
            forget(folder)  # containers that do not run, or of an engine that is gone
            start_processes(folder, wish)
    except CliError as error:
        for line in error.log:
            note(f"  | {line}")
        raise


def _already_up(system: System, wish: Wish, *, as_json: bool) -> None:
    """A second ``up`` shows what runs; it fails if it was asked for something else, or if not all is well."""
    without = system.record.without if isinstance(system, DockerSystem) else ()
    if not wish.fits(system.record.port_base, system.record.replicas, without, chaos=system.record.chaos):
        raise CliError("it is running already, with other settings", f"stop it first: {stop_command(system.folder)}")
    if isinstance(system, DockerSystem):
        _go_on(system)
    report = survey(system, detailed=True)
    note("it is running already")
    if as_json:
        print_json(survey(system, detailed=False))
    else:
        print_report(report)
    _require_ready(report)


def _go_on(system: DockerSystem) -> None:
    """With a rollout that was cut off."""
    from pharos.docker.releases import go_on  # noqa: PLC0415 - in Docker mode only
    from pharos.release.asking import tell  # noqa: PLC0415

    go_on(system, tell)


def _report(system: System) -> SystemReport:
    """How it is after the start: a part that is slow to answer under the load of the start is asked again."""
    until = time.monotonic() + _SETTLE_SECONDS
    while not (report := survey(system, detailed=False)).ready and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
    return report


def _require_ready(report: SystemReport) -> None:
    if not report.ready:
        unwell = ", ".join(service.name for service in report.services if service.health not in {"ok", "absent"})
        raise CliError(f"not all of it is ready{f': {unwell}' if unwell else ''}", "look closer with: ./just status")


def _up_already(folder: StateFolder, how: str) -> CliError:
    return CliError(f"it is running already, {how}, in {folder.path}", f"stop it first: {stop_command(folder)}")


def _mention_docker() -> None:
    from pharos.docker.at_hand import engine_at_hand  # noqa: PLC0415

    if engine_at_hand():
        note("a Docker engine runs here: ./just up --docker starts all of it in containers, with Grafana and Jaeger")
