"""Asking warden for a rollout, and telling how it gets on."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from pharos.console import note, print_json
from pharos.docker.system import DockerSystem
from pharos.errors import CliError
from pharos.state import EmbeddedSystem, find_system
from warden.control import ask

_STEPS: Mapping[str, str] = {
    "migrating": "bringing the database to its schema",
    "starting": "starting {instance} with {release}",
    "analysing": "{instance} is on trial with a tenth of the requests",
    "window": "  {requests} requests, {errors} errors, {latency_ms} ms; before {before[requests]}, {before[errors]}, "
    "{before[latency_ms]} ms: {verdict}, {reason}",
    "draining": "draining {instance}",
    "rolling-back": "rolling back to {release}: {reason}",
    "failed": "not yet: {reason}",
}


class Outcome(msgspec.Struct, frozen=True):
    """How a rollout went: ``deployed``, ``rolled-back``, or ``held`` for the time being."""

    outcome: str
    reason: str = ""
    release: str = ""


class NotDeployed(CliError):
    """The release does not serve; the reason says why."""

    reason = "not-deployed"


def embedded_system(state: Path | None) -> EmbeddedSystem:
    """The running system, if it is one of processes.

    Raises:
        NotRunning: nothing runs.
        CliError: it runs in containers.
    """
    system = find_system(state)
    if isinstance(system, DockerSystem):
        hint = "docs/docker.md says how an image is replaced: ./just up --docker builds what has changed"
        raise CliError("releases are for embedded mode, and this system runs in containers", hint)
    return system


def follow(system: EmbeddedSystem, command: str, arguments: Mapping[str, Any]) -> Outcome:
    """Have warden do it, tell each step, and return the outcome. Ctrl-C only stops the telling."""
    return msgspec.convert(asyncio.run(ask(system.folder, command, arguments, _tell)), Outcome)


def show(service: str, outcome: Outcome, *, as_json: bool, wanted: str) -> None:
    """Say how it ended.

    Raises:
        NotDeployed: it did not end as wanted.
    """
    if as_json:
        print_json({"service": service, **msgspec.structs.asdict(outcome)})
    if outcome.outcome == "held":
        raise NotDeployed(
            f"inconclusive: {service} is held at a tenth of the requests: {outcome.reason}",
            f"it goes on by itself once there were enough; without a verdict: ./just {service} promote; "
            f"undo it with: ./just {service} rollback",
        )
    if outcome.outcome != wanted:
        raise NotDeployed(
            f"{service} was rolled back to {outcome.release}: {outcome.reason}", f"see: ./just journal {service}"
        )
    note(f"{service}: {outcome.release} serves")


def _tell(line: Any) -> None:
    text = _STEPS.get(line["step"])
    if text is not None:
        note(text.format_map(line))
