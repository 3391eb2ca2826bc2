"""One rollout in containers: `pharos` starts and removes them, warden judges the new one.

What it is about is written down before each step, so that the next command goes on where another was killed.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from chassis.discovery import trial_name
from pharos.docker.compose import Compose
from pharos.docker.containers import Container
from pharos.docker.engine import DockerError, call
from pharos.docker.images import build, version_of
from pharos.docker.probes import ready_at
from pharos.docker.record import write_record
from pharos.docker.released import ensure_image
from pharos.docker.system import DockerSystem, own_containers
from pharos.docker.tags import image_of, write_tag
from pharos.docker.trial import write_rollout_file
from pharos.docker.warden import NoWarden, ask_warden, follow_warden
from pharos.errors import CliError
from pharos.release.outcome import Outcome
from warden.errors import ControlRefused, WardenError
from warden.files import private_folder
from warden.release.record import CHECKOUT, Deployment, Rollout, deployment_of, name_of, write_deployment
from warden.release.rollout import Await, Finish, Retire, Seen, Start, next_step

Tell = Callable[[dict[str, Any]], None]
READY_SECONDS = 120.0
"""How long a new replica may take; warden gives one on trial less."""
_WARDEN_SECONDS = 60.0
"""How long nothing may be heard of warden, which the engine starts again."""
_LOOK_SECONDS = 0.4
_ACT_SECONDS = 180.0


class Carrier:
    """The rollout of one service that is written down."""

    def __init__(self, system: DockerSystem, service: str, tell: Tell) -> None:
        """``tell`` is given each step."""
        self._system = system
        self._service = service
        self._tell = tell
        self._state = system.folder.docker
        self._wanted = system.record.parts[service]
        self._compose: Compose | None = None
        self._changed = time.monotonic()

    def run(self) -> Outcome:
        """Take one step after the other until it is over, or held for want of evidence."""
        while True:
            deployment = deployment_of(self._state, self._service)
            rollout = deployment.rollout
            assert rollout is not None
            try:
                if outcome := self._advance(deployment, rollout):
                    return outcome
            except (CliError, WardenError) as error:
                if rollout.undoing:
                    raise
                self._undo(deployment, error.message)

    def _advance(self, deployment: Deployment, rollout: Rollout) -> Outcome | None:
        compose = self._prepared(rollout)
        if rollout.phase == "canary":
            return self._try(compose, deployment, rollout)
        match next_step("replacing", rollout.target, self._wanted, self._seen(rollout.target)):
            case Start():
                self._start(compose, rollout.target)
            case Retire(instance):
                self._retire(instance)
            case Await():
                self._await()
            case Finish():
                return self._finish(deployment, rollout)
        return None

    def _prepared(self, rollout: Rollout) -> Compose:
        """Compose for the target of the rollout. Its schema serves what is there too, so nothing undoes this."""
        if self._compose is None:
            compose = self._system.compose
            image = self._image(compose, rollout)
            self._compose = write_rollout_file(compose, self._service, rollout.target, image)
            if not rollout.undoing:
                self._tell({"step": "migrating"})
                self._compose.call("run", "--rm", "--no-deps", f"{self._service}-migrate", timeout=_ACT_SECONDS)
        return self._compose

    def _image(self, compose: Compose, rollout: Rollout) -> str:
        if rollout.target != CHECKOUT:
            return ensure_image(self._system.folder, compose, self._service, rollout.target)
        image = image_of(compose, self._service, CHECKOUT)
        if not rollout.undoing:
            self._tell({"step": "building", "image": image})
            plain = write_rollout_file(compose, self._service, CHECKOUT, image)
            log = private_folder(self._state.logs) / "build.log"
            build(plain, [self._service], log, lambda _: None)
        return image

    def _try(self, compose: Compose, deployment: Deployment, rollout: Rollout) -> Outcome | None:
        canary = self._canary(rollout.target) or self._start_trial(compose, rollout.target)
        answer = self._verdict(canary)
        if answer.outcome == "held":
            return Outcome("held", answer.reason, name_of(rollout.target))
        if answer.outcome == "passed":
            replacing = Rollout(target=rollout.target, phase="replacing", reason=answer.reason)
            write_deployment(self._state, self._service, deployment.beginning(replacing))
        else:
            self._undo(deployment, answer.reason)
        return None

    def _verdict(self, canary: Container) -> Outcome:
        """As warden says; one that is just being started again is waited for."""
        heard = time.monotonic()

        def tell(line: dict[str, Any]) -> None:
            nonlocal heard
            heard = time.monotonic()
            self._tell(line)

        while True:
            try:
                return msgspec.convert(follow_warden(self._system, "trial", {"container": canary.id}, tell), Outcome)
            except (DockerError, NoWarden, ControlRefused) as error:
                if time.monotonic() - heard > _WARDEN_SECONDS:
                    raise CliError(f"there is no warden to judge it: {error.message}", "see: ./just status") from None
                time.sleep(_LOOK_SECONDS)

    def _start_trial(self, compose: Compose, release: str) -> Container:
        self._remove_trial()
        name = trial_name(self._service)
        self._tell({"step": "starting", "instance": f"{name}-1", "release": name_of(release)})
        compose.call(*_up("--force-recreate"), name, timeout=_ACT_SECONDS)
        canary = self._canary(release)
        if canary is None:
            raise CliError(f"{name}-1 was removed by somebody else", "begin again")
        return canary

    def _canary(self, release: str) -> Container | None:
        image = image_of(self._system.compose, self._service, release)
        return next((one for one in self._of(trial_name(self._service)) if one.image == image), None)

    def _remove_trial(self) -> None:
        for one in self._of(trial_name(self._service)):
            self._remove(one)

    def _start(self, compose: Compose, release: str) -> None:
        there = self._of(self._service)
        instance = f"{self._service}-{max((one.number for one in there), default=0) + 1}"
        self._tell({"step": "starting", "instance": instance, "release": name_of(release)})
        scale = f"--scale={self._service}={len(there) + 1}"
        compose.call(*_up("--no-recreate"), scale, self._service, timeout=_ACT_SECONDS)
        self._changed = time.monotonic()

    def _retire(self, instance: str) -> None:
        self._remove(next(one for one in self._of(self._service) if one.instance == instance))
        self._changed = time.monotonic()

    def _remove(self, one: Container) -> None:
        """End it, within its own grace period to finish what it has begun."""
        self._tell({"step": "draining", "instance": one.instance})
        with suppress(CliError, ControlRefused):  # without a warden nobody would start it again, nor judge it
            ask_warden(self._system, "leave", {"container": one.id})
        call("container", "stop", one.id, timeout=_ACT_SECONDS)
        call("container", "rm", "--force", one.id)

    def _await(self) -> None:
        """Raises: CliError: it has taken too long."""
        if time.monotonic() - self._changed > READY_SECONDS:
            late = ", ".join(one.instance for one in self._of(self._service) if not _is_ready(one))
            raise CliError(
                f"{late} was not ready within {READY_SECONDS:.0f} s",
                f"see: docker compose logs {self._service}",
            )
        time.sleep(_LOOK_SECONDS)

    def _undo(self, deployment: Deployment, reason: str) -> None:
        self._tell({"step": "rolling-back", "release": name_of(deployment.current), "reason": reason})
        back = Rollout(target=deployment.current, phase="replacing", undoing=True, bad=True, reason=reason)
        write_deployment(self._state, self._service, deployment.beginning(back))
        self._compose = None
        self._changed = time.monotonic()

    def _finish(self, deployment: Deployment, rollout: Rollout) -> Outcome:
        write_tag(self._system.compose, self._service, rollout.target)
        self._remove_trial()
        write_deployment(self._state, self._service, deployment.finished())
        self._record(rollout.target)
        outcome = Outcome("rolled-back" if rollout.undoing else "deployed", rollout.reason, name_of(rollout.target))
        with suppress(CliError, ControlRefused):  # its journal lacks a line then
            ask_warden(
                self._system,
                "settled",
                {
                    "service": self._service,
                    "release": outcome.release,
                    "undone": rollout.undoing,
                    "bad": rollout.bad,
                    "reason": rollout.reason,
                },
            )
        return outcome

    def _record(self, release: str) -> None:
        record = self._system.record
        part = self._system.compose.model().services[self._service]
        version = release or version_of(part, self._system.compose.root)
        write_record(
            self._system.folder, msgspec.structs.replace(record, versions=record.versions | {self._service: version})
        )

    def _seen(self, target: str) -> list[Seen]:
        """The replicas, those that do not serve the target first to go; which other release one is of matters not."""
        image = image_of(self._system.compose, self._service, target)
        return [
            Seen(one.instance, target if one.image == image else "another", _is_ready(one), 1.0)
            for one in self._of(self._service)
        ]

    def _of(self, part: str) -> list[Container]:
        return [one for one in own_containers(self._system.compose) if one.part == part]


def is_on_trial(system: DockerSystem, service: str) -> bool:
    """Whether a release of a service serves beside it, on trial."""
    return any(one.part == trial_name(service) and one.alive for one in own_containers(system.compose))


def _up(recreate: str) -> tuple[str, ...]:
    return ("up", "--detach", "--no-deps", "--no-build", "--pull=never", recreate)


def _is_ready(one: Container) -> bool:
    return one.status == "running" and bool(one.port) and ready_at(one.port)
