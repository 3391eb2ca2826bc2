"""Carries one rollout through: the steps that are decided elsewhere are taken on the running system."""

import asyncio
from collections.abc import Callable

from loguru import logger

from warden.alerts import taken_back
from warden.catalog import Service
from warden.database import ensure_schema
from warden.decide.model import Decision, Failure, Window
from warden.errors import PartFailed, WardenError, as_warden_error
from warden.journal import Action, Fault
from warden.plan import fresh_names, replica_part, service_of
from warden.ports import allocate
from warden.probe import HERE
from warden.release.analysis import Rule, Verdict
from warden.release.course import Course
from warden.release.record import Deployment, Rollout, deployment_of, name_of, write_deployment
from warden.release.rollout import Await, Finish, Judge, Retire, Seen, Start, Step, Weigh, next_step
from warden.release.trial import Trial
from warden.release.windows import answered_by_each, observed
from warden.replica import Replica
from warden.secrets import ensure_secrets, wishes_of
from warden.system import System

_AGAIN_SECONDS = 5.0
"""After a step of an undoing failed: there is nothing else to be done than to try again."""


class Carrier:
    """The rollout of one service that is written down. Where it is cut off, another carrier goes on."""

    def __init__(
        self,
        system: System,
        tell: Callable[[Decision], None],
        code: Service,
        *,
        wanted: int,
        rule: Rule,
        course: Course,
    ) -> None:
        """``code`` is the service as the checkout has it, ``wanted`` how many replicas it has; ``tell`` is called with
        each decision.
        """
        self._system = system
        self._tell = tell
        self._code = code
        self._wanted = wanted
        self._rule = rule
        self._course = course
        self._prepared = False

    async def run(self) -> None:
        """Take one step after the other until the rollout is over."""
        while (deployment := self._deployment()).rollout:
            try:
                await self._advance(deployment, deployment.rollout)
            except (WardenError, OSError) as error:
                await self._failed(deployment, deployment.rollout, as_warden_error(error))

    async def _advance(self, deployment: Deployment, rollout: Rollout) -> None:
        if not (rollout.undoing or self._prepared):
            await self._prepare(rollout)
            self._prepared = True
        await self._take(next_step(rollout.phase, rollout.target, self._wanted, self._seen()), deployment, rollout)

    async def _prepare(self, rollout: Rollout) -> None:
        """What the new release needs besides a process. Its schema serves the old one too, so nothing undoes this."""
        service, surroundings = self._service(rollout), self._system.surroundings
        databases = [service.name] if service.manifest.database else []
        await ensure_secrets(surroundings.state, databases, [service.name], wishes_of([service.manifest]))
        if service.manifest.database:
            await ensure_schema(service, surroundings, lambda: self._course.say(step="migrating"))

    async def _take(self, step: Step, deployment: Deployment, rollout: Rollout) -> None:
        match step:
            case Start(weight):
                await self._start(rollout, weight)
            case Weigh(instance, weight):
                self._system.weigh(self._system.replicas[instance], weight)
            case Retire(instance):
                self._course.say(step="draining", instance=instance)
                await self._system.retire(self._system.replicas[instance])
            case Await():
                await self._await_news(rollout)
            case Judge(instance):
                await self._judge(deployment, rollout, self._system.replicas[instance])
            case Finish():
                self._finish(deployment, rollout)

    async def _await_news(self, rollout: Rollout) -> None:
        recovery = self._system.recovery
        given_up = [one for one in self._replicas() if recovery.in_quarantine(one.part.instance)]
        if not rollout.undoing and any(one.part.release == rollout.target for one in given_up):
            raise PartFailed(f"{given_up[0].part.instance} ends again and again", f"see {given_up[0].log}")
        self._system.keep(self._replicas())
        await self._system.news()

    async def _start(self, rollout: Rollout, weight: float) -> None:
        surroundings, replicas = self._system.surroundings, self._system.replicas
        instance = next(fresh_names(self._code.name, replicas))
        taken = [replica.part.port for replica in replicas.values()]
        port = allocate(surroundings.ports.for_replicas(), taken, 1)[0]
        replica = self._system.add(replica_part(surroundings, self._service(rollout), instance, port))
        replica.weight = weight
        self._course.say(step="starting", instance=instance, release=name_of(rollout.target))
        await replica.launch(f"release {name_of(rollout.target)}")
        await replica.until_ready()
        self._system.journal.write("up", instance, f"ready with {name_of(rollout.target)}", service=self._code.name)
        self._system.keep([replica])

    async def _judge(self, deployment: Deployment, rollout: Rollout, canary: Replica) -> None:
        self._course.say(step="analysing", instance=canary.part.instance)
        name, restarts = canary.part.instance, canary.restarts

        def lost() -> str:
            if canary.restarts > restarts:
                return f"{name} ended"
            return f"{name} was ejected: it stands out from its siblings" if self._is_ejected(canary) else ""

        verdict, reason = await Trial(name, self._answered, lost, self._rule, self._course).verdict()
        if verdict is Verdict.PASS:
            self._write(deployment.beginning(Rollout(target=rollout.target, phase="replacing", reason=reason)))
        else:
            seen = await observed(canary.part.port)
            self._undo(deployment, rollout, reason, seen[1] if seen else None)

    async def _failed(self, deployment: Deployment, rollout: Rollout, error: WardenError) -> None:
        if not rollout.undoing:
            self._undo(deployment, rollout, error.message)
            return
        logger.error("{} cannot be brought back yet: {}", self._code.name, error.message)
        self._course.say(step="failed", reason=error.message)
        await asyncio.sleep(_AGAIN_SECONDS)

    def _undo(self, deployment: Deployment, rollout: Rollout, reason: str, failure: Failure | None = None) -> None:
        self._course.say(step="rolling-back", release=name_of(deployment.current), reason=reason)
        why = f"release {name_of(rollout.target)}: {reason}"
        self._decided("rolling-back", why, action="rollback", bad=True, failure=failure)
        back = Rollout(target=deployment.current, phase="replacing", undoing=True, bad=True, reason=reason)
        self._system.pager.once(taken_back(self._code.manifest, name_of(rollout.target), reason))
        self._write(deployment.beginning(back))

    def _finish(self, deployment: Deployment, rollout: Rollout) -> None:
        self._write(deployment.finished())
        outcome = "rolled-back" if rollout.undoing else "deployed"
        why = f": {rollout.reason}" if rollout.reason else ""
        self._decided(outcome, f"{name_of(rollout.target)} serves{why}", bad=rollout.bad)
        self._course.say(outcome=outcome, release=name_of(rollout.target), reason=rollout.reason)

    def _decided(
        self, event: str, reason: str, *, action: Action = "", bad: bool = False, failure: Failure | None = None
    ) -> None:
        name = self._code.name
        fault: Fault = "release" if bad else ""
        self._tell(
            Decision(
                event=event, action=action, instance=name, service=name, fault=fault, reason=reason,
                details=failure.details() if failure else {},
            )
        )  # fmt: skip

    def _replicas(self) -> list[Replica]:
        return [replica for replica in self._system.replicas.values() if replica.part.name == self._code.name]

    async def _answered(self) -> dict[str, Window]:
        return await answered_by_each({one.part.instance: (HERE, one.part.port) for one in self._replicas()})

    def _is_ejected(self, replica: Replica) -> bool:
        known = self._system.recovery.fleet.replicas.get(replica.part.instance)
        return known is not None and known.ejected_until is not None

    def _seen(self) -> list[Seen]:
        return [
            Seen(
                replica.part.instance,
                replica.part.release,
                replica.process is not None and replica.ready_since is not None,
                replica.weight,
            )
            for replica in self._replicas()
        ]

    def _service(self, rollout: Rollout) -> Service:
        return service_of(self._system.surroundings, self._code, rollout.target)

    def _deployment(self) -> Deployment:
        return deployment_of(self._system.surroundings.state, self._code.name)

    def _write(self, deployment: Deployment) -> None:
        write_deployment(self._system.surroundings.state, self._code.name, deployment)
