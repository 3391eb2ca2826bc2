"""Releases on trial in containers: each is held against the others of its service; one that does worse is stopped.

Whoever started it on the machine takes it from there: it lets what passed take over, and removes what failed.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from loguru import logger

from chassis.manifest import Manifest
from warden.alerts import Alert, taken_back
from warden.decide.figures import Figures
from warden.decide.model import Decision, Window
from warden.docker.changes import ENDED, address_of
from warden.docker.engine import Container, Engine, EngineFailed
from warden.journal import Entry
from warden.probe import HttpReady
from warden.release.analysis import Rule, Verdict
from warden.release.course import Course
from warden.release.trial import Trial
from warden.release.windows import answered_by_each, observed

ALERT_SECONDS = 900.0
"""For which its owner is told that a release was taken back: Alertmanager waits half a minute before it tells."""
PASSED, TAKEN_BACK = "trial-passed", "rolling-back"


class Judged(msgspec.Struct, frozen=True):
    """A verdict that was reached; kept in the journal with the container that it is about."""

    container: str
    release: str
    service: str
    passed: bool
    reason: str
    at: float  # Unix time


def judged(entries: Sequence[Entry]) -> dict[str, Judged]:
    """The verdicts in a journal, by container."""
    found = [
        Judged(
            container=str(one.details["container"]),
            release=str(one.details["release"]),
            service=one.service,
            passed=one.event == PASSED,
            reason=str(one.details["why"]),
            at=one.time,
        )
        for one in entries
        if one.event in {PASSED, TAKEN_BACK} and "container" in one.details
    ]
    return {one.container: one for one in found}


@dataclass(slots=True, kw_only=True)
class Trials:
    """Every trial of this project.

    Attributes:
        engine: where the containers are.
        figures: how long a start may take, and a question.
        rule: what a verdict is made by.
        tell: is called with each decision before it is carried out.
        verdicts: those that were reached, by container; to begin with, those that an earlier warden reached.
    """

    engine: Engine
    figures: Figures
    rule: Rule
    tell: Callable[[Decision], None]
    verdicts: dict[str, Judged]
    _listed: Sequence[Container] = ()
    _courses: dict[str, Course] = field(default_factory=dict)
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _left: set[str] = field(default_factory=set)

    def see(self, listed: Sequence[Container]) -> None:
        """Begin what is new, and end what somebody has removed."""
        self._listed = listed
        self._left &= {one.id for one in listed}
        present = {one.id: one for one in listed if one.trial and one.state != "created" and one.id not in self._left}
        for gone in self._running.keys() - present.keys():
            self._running.pop(gone).cancel()
        for identifier in present.keys() - self._running.keys():
            one = present[identifier]
            self._running[identifier] = asyncio.create_task(self._carry(one), name=f"trial of {one.trial}")
            self._running[identifier].add_done_callback(_tell_defect)

    def leave(self, container: str) -> None:
        """Judge this one (by its identifier) no longer: whoever asks is about to end and remove it."""
        self._left.add(container)
        if running := self._running.pop(container, None):
            running.cancel()

    def course(self, container: str) -> Course:
        """What is said of the trial of a container, also before it has been seen."""
        return self._courses.setdefault(container, Course())

    def alerts(self, manifests: Mapping[str, Manifest], fallback: Manifest, now: float) -> list[Alert]:
        """What owners are to be told now."""
        return [
            taken_back(manifests.get(one.service, fallback), one.release, one.reason)
            for one in self.verdicts.values()
            if not one.passed and now - one.at < ALERT_SECONDS
        ]

    async def _carry(self, canary: Container) -> None:
        verdict = self.verdicts.get(canary.id)
        if verdict is None:
            verdict = await self._judge(canary)
            shown_by = {} if verdict.passed else await self._failure(canary)
            self.verdicts[canary.id] = verdict
            self._decided(canary, verdict, shown_by)
        if not verdict.passed:
            await self._stop(canary)
        outcome = "passed" if verdict.passed else "failed"
        self.course(canary.id).say(outcome=outcome, reason=verdict.reason, release=canary.release)

    async def _judge(self, canary: Container) -> Judged:
        course = self.course(canary.id)
        problem = await self._until_ready(canary)
        if problem:
            return _verdict(canary, passed=False, reason=problem)
        course.say(step="analysing", instance=canary.instance)
        trial = Trial(canary.instance, lambda: self._answered(canary), lambda: self._lost(canary), self.rule, course)
        verdict, reason = await trial.verdict()
        return _verdict(canary, passed=verdict is Verdict.PASS, reason=reason)

    async def _until_ready(self, canary: Container) -> str:
        """Why it does not serve; empty once it does."""
        until = time.monotonic() + self.figures.startup_grace
        lacks: str | None = "it has no address"
        while time.monotonic() < until:
            if lost := self._lost(canary):
                return lost
            current = self._current(canary)
            where = address_of(current.ready)
            if where and current.address:
                port, path = where
                lacks = await HttpReady(port, path, host=current.address)()
            if lacks is None:
                return ""
            await asyncio.sleep(self.figures.liveness_interval)
        return f"{canary.instance} was not ready within {self.figures.startup_grace:g} s: {lacks}"

    async def _answered(self, canary: Container) -> dict[str, Window]:
        beside = [one for one in self._listed if one.part == canary.trial and one.state == "running"]
        return await answered_by_each(
            {
                one.instance: (one.address, where[0])
                for one in (self._current(canary), *beside)
                if one.address and (where := address_of(one.ready))
            }
        )

    async def _failure(self, canary: Container) -> Mapping[str, Any]:
        """The request that shows why it failed, if it names one."""
        current = self._current(canary)
        where = address_of(current.ready)
        seen = await observed(where[0], current.address) if where and current.address else None
        return seen[1].details() if seen and seen[1] else {}

    def _lost(self, canary: Container) -> str:
        return f"{canary.instance} ended" if self._current(canary).state in ENDED else ""

    def _current(self, canary: Container) -> Container:
        return next((one for one in self._listed if one.id == canary.id), canary)

    async def _stop(self, canary: Container) -> None:
        """Until it has ended; nobody starts it again."""
        while self._current(canary).state == "running":
            try:
                await self.engine.act("stop", canary)
            except EngineFailed as error:
                logger.warning("{} could not be stopped: {}", canary.instance, error.message)
            await asyncio.sleep(self.figures.liveness_interval)

    def _decided(self, canary: Container, verdict: Judged, shown_by: Mapping[str, Any]) -> None:
        kept = {**shown_by, "container": canary.id, "release": canary.release, "why": verdict.reason}
        said = f"release {canary.release}: {verdict.reason}"
        if verdict.passed:
            self.tell(Decision(event=PASSED, instance=canary.trial, service=canary.trial, reason=said, details=kept))
            return
        self.tell(
            Decision(
                event=TAKEN_BACK,
                action="rollback",
                fault="release",
                instance=canary.trial,
                service=canary.trial,
                reason=said,
                details=kept,
            )
        )


def _verdict(canary: Container, *, passed: bool, reason: str) -> Judged:
    return Judged(canary.id, canary.release, canary.trial, passed, reason, time.time())


def _tell_defect(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.opt(exception=error).error("the {} failed", task.get_name())
