"""Asking warden for a rollout, and telling how it gets on."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from pharos.console import note, print_json
from pharos.docker.system import DockerSystem
from pharos.errors import CliError
from pharos.release.outcome import Outcome
from pharos.state import EmbeddedSystem, System
from warden.control import ask
from warden.release.record import name_of

_STEPS: Mapping[str, str] = {
    "building": "building {image}",
    "migrating": "bringing the database to its schema",
    "starting": "starting {instance} with {release}",
    "analysing": "{instance} is on trial with a tenth of the requests",
    "window": "  {requests} requests, {errors} errors, {latency_ms} ms; before {before[requests]}, {before[errors]}, "
    "{before[latency_ms]} ms: {verdict}, {reason}",
    "draining": "draining {instance}",
    "rolling-back": "rolling back to {release}: {reason}",
    "failed": "not yet: {reason}",
}


class NotDeployed(CliError):
    """The release does not serve; the reason says why."""

    reason = "not-deployed"


def deploy(system: System, service: str, release: str, *, skip_analysis: bool) -> Outcome:
    """Have a release take the place of what serves, and tell each step.

    Raises:
        WardenError: it was refused, or could not be done.
    """
    if isinstance(system, DockerSystem):
        from pharos.docker import releases  # noqa: PLC0415 - in Docker mode only

        return releases.deploy(system, service, release, tell, skip_analysis=skip_analysis)
    arguments = {"service": service, "version": name_of(release), "skip_analysis": skip_analysis}
    return _follow(system, "deploy", arguments)


def promote(system: System, service: str) -> Outcome:
    """Go on with the release that is on trial, without a verdict, and tell each step.

    Raises:
        WardenError: it was refused, or could not be done.
    """
    if isinstance(system, DockerSystem):
        from pharos.docker import releases  # noqa: PLC0415 - in Docker mode only

        return releases.promote(system, service, tell)
    return _follow(system, "promote", {"service": service})


def roll_back(system: System, service: str) -> Outcome:
    """Undo what is under way, else bring back what served before, and tell each step.

    Raises:
        WardenError: it was refused, or could not be done.
    """
    if isinstance(system, DockerSystem):
        from pharos.docker import releases  # noqa: PLC0415 - in Docker mode only

        return releases.roll_back(system, service, tell)
    return _follow(system, "rollback", {"service": service})


def _follow(system: EmbeddedSystem, command: str, arguments: Mapping[str, Any]) -> Outcome:
    """Have warden do it. Ctrl-C only stops the telling."""
    return msgspec.convert(asyncio.run(ask(system.folder, command, arguments, tell)), Outcome)


def show(system: System, service: str, outcome: Outcome, *, as_json: bool, wanted: str) -> None:
    """Say how it ended.

    Raises:
        NotDeployed: it did not end as wanted.
    """
    again = f"once there were enough, go on with: ./just {service} deploy {outcome.release}"
    goes_on = again if isinstance(system, DockerSystem) else "it goes on by itself once there were enough"
    if as_json:
        print_json({"service": service, **msgspec.structs.asdict(outcome)})
    if outcome.outcome == "held":
        raise NotDeployed(
            f"inconclusive: {service} is held at a tenth of the requests: {outcome.reason}",
            f"{goes_on}; without a verdict: ./just {service} promote; undo it with: ./just {service} rollback",
        )
    if outcome.outcome != wanted:
        raise NotDeployed(
            f"{service} was rolled back to {outcome.release}: {outcome.reason}", f"see: ./just journal {service}"
        )
    note(f"{service}: {outcome.release} serves")


def tell(line: Any) -> None:
    """Say one step of a rollout to a person."""
    text = _STEPS.get(line["step"])
    if text is not None:
        note(text.format_map(line))
