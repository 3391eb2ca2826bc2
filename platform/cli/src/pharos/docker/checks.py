"""What is looked at before anything is made or started, so that a start that cannot succeed says so at once."""

import re
import shutil
from pathlib import Path

from pharos.docker.choice import Choice
from pharos.docker.engine import DockerError, DockerMissing, EngineUnreachable, Info, call
from pharos.errors import CliError
from warden.errors import DiskFull

OLDEST_COMPOSE = (2, 24)
"""The first that reads ``compose.yaml`` as it is meant."""
_ROOM_NEEDED = 1 << 30  # volumes that fill, and what services write
_ROOM_FOR_IMAGES = 4 << 30  # all of them, when none is here
_MIB = 1 << 20


class ComposeMissing(CliError):
    """There is no compose plugin, or one that is too old."""

    reason = "compose-missing"


class TooLittleMemory(CliError):
    """The engine has less memory than the parts need."""

    reason = "too-little-memory"


def require_compose() -> None:
    """Look at the plugin's version.

    Raises:
        ComposeMissing: it is not there or too old.
        DockerError: there is no docker at all.
    """
    hint = "install the package docker-compose-plugin, or do without an engine: ./just up --embedded"
    try:
        said = call("compose", "version", "--short").strip()
    except (DockerMissing, EngineUnreachable):
        raise
    except DockerError:
        raise ComposeMissing("docker has no compose plugin", hint) from None
    if compose_version(said) < OLDEST_COMPOSE:
        oldest = ".".join(map(str, OLDEST_COMPOSE))
        raise ComposeMissing(
            f"the compose plugin is {said or 'of no known version'}; at least {oldest} is needed", hint
        )


def compose_version(said: str) -> tuple[int, int]:
    """Major and minor number; zeros for what is no version."""
    found = re.search(r"(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def require_memory(info: Info, choice: Choice) -> None:
    """Compare what the engine has with what the chosen parts need.

    Raises:
        TooLittleMemory: with both figures.
    """
    if not 0 < info.mem_total < choice.memory:
        return
    spared = choice.to_leave_out(info.mem_total)
    without = " ".join(f"--without {name}" for name in spared)
    hint = f"give it more, or leave parts out: ./just up --docker {without}" if spared else "give it more"
    raise TooLittleMemory(
        f"the engine has {info.mem_total // _MIB} MB of memory; these parts need {choice.memory // _MIB} MB", hint
    )


def require_room(info: Info, state: Path, *, images_missing: bool) -> None:
    """Look at the disks of the state folder and, where it is on this machine, of the engine.

    Raises:
        DiskFull: naming the place, and how much is free and needed.
    """
    _require_free(state, _MIB, "choose another place: ./just up --docker --state DIR")
    engine = Path(info.docker_root_dir or "/nowhere")
    if engine.is_dir():
        _require_free(
            engine, _ROOM_FOR_IMAGES if images_missing else _ROOM_NEEDED, "have the engine do it: docker system prune"
        )


def _require_free(place: Path, needed: int, otherwise: str) -> None:
    free = shutil.disk_usage(place).free
    if free < needed:
        raise DiskFull(
            f"only {free // _MIB} MB are free at {place}; {needed // _MIB} MB are needed", f"free some, or {otherwise}"
        )
