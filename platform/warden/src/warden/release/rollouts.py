"""What can be asked of releases while the system runs: to begin a rollout, to go on with it, to undo it."""

import asyncio
from collections.abc import Callable, Mapping

from loguru import logger

from warden.catalog import Service, read_services
from warden.decide.model import Decision
from warden.plan import service_of
from warden.release.analysis import Rule
from warden.release.carrier import Carrier
from warden.release.course import Course
from warden.release.errors import RolloutRefused
from warden.release.record import Deployment, Rollout, deployment_of, name_of, read_deployments, write_deployment
from warden.system import System


class Rollouts:
    """At most one rollout for each service; what each is about is written down before it is done."""

    def __init__(self, system: System, tell: Callable[[Decision], None], wanted: Mapping[str, int], rule: Rule) -> None:
        """``tell`` is called with each decision. ``wanted`` is how many replicas each service has, 1 where it is not
        named; ``rule`` judges the new ones.
        """
        self._system = system
        self._tell = tell
        self._state = system.surroundings.state
        self._wanted = wanted
        self._rule = rule
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._courses: dict[str, Course] = {}

    def resume(self) -> None:
        """Go on with what an earlier warden began; of services that the checkout has no longer nothing runs."""
        known = {service.name: service for service in read_services(self._system.surroundings.root)}
        for name, deployment in read_deployments(self._state).items():
            if deployment.rollout and name in known:
                self._carry(known[name])

    async def stop(self) -> None:
        """Leave everything as it is; what is not finished is written down."""
        for name in list(self._tasks):
            await self._halt(name)

    def begin(self, service: str, rollout: Rollout) -> Course:
        """Have a release take the place of what serves.

        Raises:
            RolloutRefused: there is no such service, the release serves already, or another is on its way.
            ReleaseUnknown: it was not built.
            ReleaseDamaged: it is not what was built, or has no environment.
        """
        code, deployment = self._code(service), deployment_of(self._state, service)
        if deployment.rollout:
            underway = name_of(deployment.rollout.target)
            hint = f"./just {service} promote goes on with it without a verdict, ./just {service} rollback undoes it"
            raise RolloutRefused(f"{underway} of {service} is being rolled out", hint)
        if rollout.target == deployment.current:
            raise RolloutRefused(f"{name_of(rollout.target)} of {service} serves already", "there is nothing to do")
        service_of(self._system.surroundings, code, rollout.target)
        self._courses.pop(service, None)
        return self._turn(code, deployment, rollout)

    async def promote(self, service: str) -> Course:
        """Go on with a release on trial, without a verdict.

        Raises:
            RolloutRefused: none is.
        """
        code, deployment = self._code(service), deployment_of(self._state, service)
        if not deployment.rollout or deployment.rollout.phase != "canary":
            raise RolloutRefused(f"no release of {service} is on trial", f"begin with: ./just {service} deploy VERSION")
        await self._halt(service)
        return self._turn(code, deployment, Rollout(target=deployment.rollout.target, phase="replacing"))

    async def roll_back(self, service: str, reason: str) -> Course:
        """Undo the rollout under way, else bring back the last release that served well.

        Raises:
            RolloutRefused: none served before, or it is being brought back already.
            ReleaseUnknown: it is not there any more.
            ReleaseDamaged: it is not what was built.
        """
        code, deployment = self._code(service), deployment_of(self._state, service)
        if deployment.rollout and deployment.rollout.undoing:
            back = name_of(deployment.rollout.target)
            raise RolloutRefused(f"{back} of {service} is being brought back already", "wait until it serves")
        target = deployment.way_back
        if target is None:
            serves = name_of(deployment.current)
            raise RolloutRefused(f"nothing of {service} served before {serves}", "name a version to deploy instead")
        service_of(self._system.surroundings, code, target)
        await self._halt(service)
        return self._turn(code, deployment, Rollout(target=target, phase="replacing", undoing=True, reason=reason))

    def _turn(self, code: Service, deployment: Deployment, rollout: Rollout) -> Course:
        write_deployment(self._state, code.name, deployment.beginning(rollout))
        return self._carry(code)

    def _carry(self, code: Service) -> Course:
        course = self._courses.setdefault(code.name, Course())
        wanted = self._wanted.get(code.name, 1)
        carrier = Carrier(self._system, self._tell, code, wanted=wanted, rule=self._rule, course=course)
        task = asyncio.create_task(carrier.run(), name=f"rollout of {code.name}")
        task.add_done_callback(_tell_defect)
        self._tasks[code.name] = task
        return course

    async def _halt(self, service: str) -> None:
        if task := self._tasks.pop(service, None):
            task.cancel()
            await asyncio.wait([task])

    def _code(self, name: str) -> Service:
        known = {service.name: service for service in read_services(self._system.surroundings.root)}
        if name not in known:
            raise RolloutRefused(f"there is no service {name}", f"the services are: {', '.join(known)}")
        return known[name]


def _tell_defect(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.opt(exception=error).error("{} failed; it is gone on with by the next warden", task.get_name())
