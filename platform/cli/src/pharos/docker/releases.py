"""What can be asked of releases in Docker mode: to deploy one, to go on without a verdict, to go back."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pharos.console import note
from pharos.docker.rollout import Carrier, Tell, is_on_trial
from pharos.docker.system import DockerSystem
from pharos.release.outcome import Outcome
from warden import lock
from warden.catalog import read_services
from warden.errors import AlreadyRunning
from warden.layout import StateFolder
from warden.release.artefact import read
from warden.release.errors import RolloutRefused
from warden.release.record import (
    CHECKOUT,
    Deployment,
    Phase,
    Rollout,
    deployment_of,
    name_of,
    read_deployments,
    write_deployment,
)


def deploy(system: DockerSystem, service: str, release: str, tell: Tell, *, skip_analysis: bool) -> Outcome:
    """Have a release take the place of what serves; one that was cut off, or held, is gone on with.

    Raises:
        RolloutRefused: it serves already, or another command is at work.
        ReleaseUnknown: it was not built.
        ReleaseDamaged: it is not what was built.
        CliError: it could not be done, and what served before serves.
    """
    _require_service(system, service)
    if release != CHECKOUT:
        read(system.folder, service, release)
    with _alone(system.folder):
        deployment = _left_behind(system, service, release, tell)
        if deployment.rollout is None and release == deployment.current:
            raise RolloutRefused(f"{name_of(release)} of {service} serves already", "there is nothing to do")
        phase: Phase = "replacing" if skip_analysis else "canary"
        rollout = deployment.rollout or Rollout(target=release, phase=phase)
        if skip_analysis and rollout.phase == "canary":
            rollout = Rollout(target=release, phase=phase)
        return _carry(system, service, deployment, rollout, tell)


def promote(system: DockerSystem, service: str, tell: Tell) -> Outcome:
    """Go on with a release on trial, without a verdict.

    Raises:
        RolloutRefused: none is, or another command is at work.
        CliError: it could not be done.
    """
    _require_service(system, service)
    with _alone(system.folder):
        deployment = deployment_of(system.folder.docker, service)
        if not deployment.rollout or deployment.rollout.phase != "canary":
            raise RolloutRefused(f"no release of {service} is on trial", f"begin with: ./just {service} deploy VERSION")
        rollout = Rollout(target=deployment.rollout.target, phase="replacing")
        return _carry(system, service, deployment, rollout, tell)


def roll_back(system: DockerSystem, service: str, tell: Tell) -> Outcome:
    """Undo the rollout under way, else bring back the last release that served well.

    Raises:
        RolloutRefused: none served before, or another command is at work.
        CliError: it could not be done.
    """
    _require_service(system, service)
    with _alone(system.folder):
        deployment = deployment_of(system.folder.docker, service)
        target = deployment.way_back
        if target is None:
            serves = name_of(deployment.current)
            raise RolloutRefused(f"nothing of {service} served before {serves}", "name a version to deploy instead")
        rollout = Rollout(target=target, phase="replacing", undoing=True, reason="asked to")
        return _carry(system, service, deployment, rollout, tell)


def go_on(system: DockerSystem, tell: Tell) -> None:
    """Finish what a command that was killed left half done; a release that is on trial stays so, and is named.

    Raises:
        CliError: it could not be done.
    """
    if not any(one.rollout for one in read_deployments(system.folder.docker).values()):
        return
    with suppress(RolloutRefused), _alone(system.folder):  # another command is at work on it
        for service, deployment in read_deployments(system.folder.docker).items():
            rollout = deployment.rollout
            if rollout is None:
                continue
            if rollout.phase == "replacing":
                _carry(system, service, deployment, rollout, tell)
            elif is_on_trial(system, service):
                release = name_of(rollout.target)
                note(f"{release} of {service} is on trial; go on with it: ./just {service} deploy {release}")
            else:
                _carry(system, service, deployment, _ending(deployment, "its trial has ended"), tell)


def settle(docker: StateFolder) -> None:
    """Before a start of everything: what was being put in place serves, and what was on trial does not."""
    for service, deployment in read_deployments(docker).items():
        if deployment.rollout:
            write_deployment(docker, service, settled(deployment))


def settled(deployment: Deployment) -> Deployment:
    """What is to serve after a rollout that was cut off."""
    if deployment.rollout is None or deployment.rollout.phase == "replacing":
        return deployment.finished() if deployment.rollout else deployment
    return Deployment(current=deployment.current, earlier=deployment.earlier)


def _left_behind(system: DockerSystem, service: str, release: str, tell: Tell) -> Deployment:
    """What is true once another rollout than that of this release is over."""
    deployment = deployment_of(system.folder.docker, service)
    left = deployment.rollout
    if left is None or (left.target == release and not left.undoing):
        return deployment
    if left.phase == "canary":
        note(f"{name_of(left.target)} of {service} was on trial, which ends")
        left = _ending(deployment, "another was deployed")
    else:
        note(f"{name_of(left.target)} of {service} was not in place everywhere: that is finished first")
    _carry(system, service, deployment, left, tell)
    return deployment_of(system.folder.docker, service)


def _ending(deployment: Deployment, reason: str) -> Rollout:
    """The end of a trial that nobody goes on with."""
    return Rollout(target=deployment.current, phase="replacing", undoing=True, reason=reason)


def _carry(system: DockerSystem, service: str, deployment: Deployment, rollout: Rollout, tell: Tell) -> Outcome:
    write_deployment(system.folder.docker, service, deployment.beginning(rollout))
    return Carrier(system, service, tell).run()


def _require_service(system: DockerSystem, service: str) -> None:
    known = sorted(one.name for one in read_services(Path(system.record.root)))
    if service not in known:
        raise RolloutRefused(f"there is no service {service}", f"the services are: {', '.join(known)}")
    if system.record.chaos:  # replicas are found behind Toxiproxy's proxies, which exist for those of the start alone
        raise RolloutRefused("a system with --chaos has no way to new replicas", "start it anew without: ./just down")


@contextmanager
def _alone(folder: StateFolder) -> Iterator[None]:
    """Raises: RolloutRefused: another command changes this system at the moment."""
    try:
        with lock.hold(folder):
            yield
    except AlreadyRunning:
        raise RolloutRefused("another command changes this system at the moment", "wait for it, or end it") from None
