"""Whether an experiment may be begun: everything is looked at before anything is done."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chaos.errors import NotInThisMode, Refused
from chaos.experiments import Experiment, Mode
from chaos.system import mode_of
from pharos.docker.system import DockerSystem
from pharos.errors import NotRunning
from pharos.report import SystemReport
from pharos.state import EmbeddedSystem, System, find_system, folder_of, stop_command
from pharos.survey import survey
from warden.files import private_folder
from warden.layout import StateFolder, project_root

SEAM: Final = "services with a seam, and they were started without"
TOXIPROXY: Final = "Toxiproxy, and the system was started without"
TOLD_TO: Final = frozenset({"collector", "jaeger"})
"""Without these no trace could be seen to be complete, and no verdict be told."""


def system_for(experiment: Experiment, target: str, state: Path | None) -> System:
    """The running system, if this experiment can be made in it, and hit that.

    Raises:
        NotInThisMode: the fault has no real mechanism in the mode that it runs in.
        Refused: it is not up, not supervised, not whole, or not started as the experiment needs it.
    """
    try:
        system = find_system(state)
    except NotRunning as error:
        start = _up(experiment, target, folder_of(state), mode_of(state))
        raise Refused(error.message, f"start it with: {start}") from None
    mode = system.record.mode
    if mode not in experiment.terms.modes:
        raise NotInThisMode(f"{experiment.name}: not in this mode ({mode})", "docs/chaos.md has each fault and mode")
    up = _up(experiment, target, system.folder, mode)
    if isinstance(system, EmbeddedSystem) and not system.record.alive:
        raise Refused("no warden supervises the system", f"let one take it over with: {up}")
    if lack := _lack(experiment, target, system):
        raise Refused(f"{experiment.name} needs {lack}", f"start it anew: {stop_command(system.folder)}, then {up}")
    _require_health(_surveyed(system, up))
    return system


def target_of(experiment: Experiment, chosen: str | None) -> str:
    """What is hit: the chosen target, else the experiment's first.

    Raises:
        Refused: the experiment cannot hit that.
    """
    targets = experiment.terms.targets
    if chosen is None:
        return targets[0] if targets else ""
    if chosen not in targets:
        known = ", ".join(targets) or "none: it has no choice"
        raise Refused(f"{experiment.name} cannot hit {chosen}", f"its targets are: {known}")
    return chosen


@contextmanager
def alone(system: System) -> Iterator[None]:
    """While it lasts, no other run of chaos is at work on the system.

    Raises:
        Refused: one is.
    """
    file = private_folder(system.folder.path / "chaos") / "lock"
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("another experiment is under way", "wait for its end") from None
        yield


def _lack(experiment: Experiment, target: str, system: System) -> str:
    """What the system was not started with, in words; empty if it has all that the experiment needs."""
    if experiment.terms.needs_chaos_in(system.record.mode) and not system.record.chaos:
        return SEAM if isinstance(system, EmbeddedSystem) else TOXIPROXY
    absent = TOLD_TO & set(system.record.without) if isinstance(system, DockerSystem) else set()
    return " and ".join(sorted(absent)) or _missing(experiment.terms.replicas_for(target), system.record.replicas)


def _surveyed(system: System, up: str) -> SystemReport:
    try:
        return survey(system, detailed=False)
    except NotRunning as error:
        raise Refused(error.message, f"start it with: {up}") from None


def _require_health(report: SystemReport) -> None:
    unwell = [f"{one.name} ({one.health})" for one in report.services if one.health not in {"ok", "absent"}]
    if unwell or not report.ready:
        raise Refused(f"not all of it is well: {', '.join(unwell) or 'it is starting'}", "see how it is: ./just status")


def _missing(needed: Mapping[str, int], running: Mapping[str, int]) -> str:
    lacking = [f"{count} replicas of {name}" for name, count in needed.items() if running.get(name, 1) < count]
    return " and ".join(lacking)


def _up(experiment: Experiment, target: str, folder: StateFolder, mode: Mode) -> str:
    """What starts the system of this folder as the experiment needs it."""
    replicas = "".join(f" --replicas {name}={count}" for name, count in experiment.terms.replicas_for(target).items())
    where = "" if folder.path == project_root() / ".pharos" else f" --state {folder.path}"
    chaos = " --chaos" * experiment.terms.needs_chaos_in(mode)
    return f"./just up{' --docker' * (mode == 'docker')}{chaos}{replicas}{where}"
