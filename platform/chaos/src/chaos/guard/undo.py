"""What can be undone: data that goes over a pipe, and the one function that does it."""

import asyncio
import resource
import signal
from pathlib import Path

import msgspec

from chaos import containers, toxiproxy
from chaos.command import pharos
from pharos.recovery import ask_warden
from pharos.state import find_docker, find_embedded
from warden.control import ask
from warden.errors import ControlRefused
from warden.identity import alive, signal_process
from warden.layout import StateFolder
from warden.release.record import Deployment, read_deployments


class Continue(msgspec.Struct, frozen=True, tag="continue"):
    """A process that was stopped (SIGSTOP) runs on."""

    pid: int
    birth: str


class Raise(msgspec.Struct, frozen=True, tag="raise"):
    """A process may write files as large as before (RLIMIT_FSIZE, bytes; -1 is no limit)."""

    pid: int
    birth: str
    soft: int
    hard: int


class Supervise(msgspec.Struct, frozen=True, tag="supervise"):
    """The system of a state folder has a warden again, if it has any process."""

    state: str


class TakeBack(msgspec.Struct, frozen=True, tag="take-back"):
    """A release of a service neither serves nor is on its way."""

    state: str
    service: str
    version: str


class Resume(msgspec.Struct, frozen=True, tag="resume"):
    """An instance that was left alone after too many restarts is started again."""

    state: str
    instance: str


class Unpause(msgspec.Struct, frozen=True, tag="unpause"):
    """A container that was paused runs on."""

    container: str


class Unlimit(msgspec.Struct, frozen=True, tag="unlimit"):
    """A container may use as much of the processors as there is."""

    container: str


class Cure(msgspec.Struct, frozen=True, tag="cure"):
    """One of Toxiproxy's proxies passes everything on."""

    api: str
    proxy: str


class Open(msgspec.Struct, frozen=True, tag="open"):
    """One of Toxiproxy's proxies takes connections."""

    api: str
    proxy: str


InDocker = Unpause | Unlimit | Cure | Open
Undo = Continue | Raise | Supervise | TakeBack | Resume | InDocker


def perform(undo: Undo) -> None:
    """Undo it; what has ended meanwhile needs nothing.

    Raises:
        OSError: the system refused it.
        WardenError: warden does not lift the quarantine.
        ChaosError: no warden could be started; Toxiproxy does not do it.
        DockerError: the engine does not do it.
    """
    match undo:
        case Continue(pid, birth):
            signal_process(pid, birth, signal.SIGCONT)
        case Raise(pid, birth, soft, hard):
            if alive(pid, birth):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
        case Supervise(state):
            if find_embedded(StateFolder(Path(state))) is not None:
                pharos(Path(state), "up")
        case TakeBack(state, service, version):
            if _is_about(StateFolder(Path(state)), service, version):
                pharos(Path(state), "rollback", service)
        case Resume(state, instance):
            _resume(StateFolder(Path(state)), instance)
        case _:
            _perform_in_docker(undo)


def _resume(state: StateFolder, instance: str) -> None:
    try:
        if (docker := find_docker(state)) is not None:
            ask_warden(docker, "resume", {"name": instance})
        else:
            asyncio.run(ask(state, "resume", {"name": instance}))
    except ControlRefused as error:
        if error.reason != "not-quarantined":
            raise


def _perform_in_docker(undo: InDocker) -> None:
    match undo:
        case Unpause(container):
            containers.unpause(container)
        case Unlimit(container):
            containers.unlimit_cpu(container)
        case Cure(api, proxy):
            toxiproxy.remove(api, proxy)
        case Open(api, proxy):
            toxiproxy.open_again(api, proxy)


def _is_about(state: StateFolder, service: str, version: str) -> bool:
    deployment = read_deployments(state).get(service, Deployment())
    coming = deployment.rollout is not None and not deployment.rollout.undoing and deployment.rollout.target == version
    return coming or deployment.current == version
