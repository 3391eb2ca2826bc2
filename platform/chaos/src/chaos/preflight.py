"""Whether an experiment may be begun: everything is looked at before anything is done."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chaos.errors import NotInThisMode, Refused
from chaos.experiments import Experiment
from pharos.errors import NotRunning
from pharos.report import SystemReport
from pharos.state import EmbeddedSystem, find_system, folder_of, stop_command
from pharos.survey import survey
from warden.files import private_folder
from warden.layout import StateFolder, project_root


def system_for(experiment: Experiment, state: Path | None) -> EmbeddedSystem:
    """The running system, if this experiment can be made in it.

    Raises:
        NotInThisMode: the fault has no real mechanism in the mode that it runs in.
        Refused: it is not up, not supervised, not whole, or not started as the experiment needs it.
    """
    try:
        system = find_system(state)
    except NotRunning as error:
        raise Refused(error.message, f"start it with: {_up(experiment, folder_of(state))}") from None
    if not isinstance(system, EmbeddedSystem):
        raise NotInThisMode(f"{experiment.name}: not in this mode (Docker)", "docs/chaos.md has each fault and mode")
    if "embedded" not in experiment.terms.modes:
        raise NotInThisMode(f"{experiment.name}: not in this mode (embedded)", "docs/chaos.md has each fault and mode")
    if not system.record.alive:
        raise Refused("no warden supervises the system", f"let one take it over with: {_up(experiment, system.folder)}")
    _require_start(experiment, system)
    _require_health(survey(system, detailed=False))
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
def alone(system: EmbeddedSystem) -> Iterator[None]:
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


def _require_start(experiment: Experiment, system: EmbeddedSystem) -> None:
    restart = f"start it anew: {stop_command(system.folder)}, then {_up(experiment, system.folder)}"
    if experiment.terms.seam and not system.record.chaos:
        raise Refused(f"{experiment.name} needs services with a seam, and they were started without", restart)
    if missing := _missing(experiment.terms.replicas, system.record.replicas):
        raise Refused(f"{experiment.name} needs {missing}", restart)


def _require_health(report: SystemReport) -> None:
    unwell = [service.name for service in report.services if service.health not in {"ok", "absent"}]
    if unwell or not report.ready:
        raise Refused(f"not all of it is well: {', '.join(unwell) or 'it is starting'}", "see how it is: ./just status")


def _missing(needed: Mapping[str, int], running: Mapping[str, int]) -> str:
    lacking = [f"{count} replicas of {name}" for name, count in needed.items() if running.get(name, 1) < count]
    return " and ".join(lacking)


def _up(experiment: Experiment, folder: StateFolder) -> str:
    """What starts the system of this folder as the experiment needs it."""
    replicas = "".join(f" --replicas {name}={count}" for name, count in experiment.terms.replicas.items())
    where = "" if folder.path == project_root() / ".pharos" else f" --state {folder.path}"
    return f"./just up{' --chaos' * experiment.terms.seam}{replicas}{where}"
