"""A new replica on trial: it is held against the old ones, window after window, until there is a verdict."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from warden.decide.model import Window
from warden.release.analysis import Comparison, Rule, Verdict, judge
from warden.release.course import Course
from warden.release.windows import between

_KEPT = 720  # windows, an hour: evidence that is older says nothing of now


class Trial:
    """One replica beside the others of its service."""

    def __init__(
        self,
        canary: str,
        answered: Callable[[], Awaitable[Mapping[str, Window]]],
        lost: Callable[[], str],
        rule: Rule,
        course: Course,
    ) -> None:
        """``answered`` tells what each replica of the service has answered so far, the ``canary`` among them, by
        instance; ``lost`` why the canary has failed whatever it answers: it ended, or warden ejected it; empty if not.
        """
        self._canary = canary
        self._answered = answered
        self._lost = lost
        self._course = course
        self._rule = rule

    async def verdict(self) -> tuple[Verdict, str]:
        """Pass or fail, with the reason; waits for as long as there is no evidence, and says so meanwhile."""
        before, observed = await self._answered(), list[Comparison]()
        while True:
            await asyncio.sleep(self._rule.window)
            if lost := self._lost():
                return Verdict.FAIL, lost
            after = await self._answered()
            observed = [*observed, self._compare(between(before, after))][-_KEPT:]
            before = {**before, **after}
            verdict, reason = judge(observed, self._rule)
            self._tell(observed[-1], verdict, reason)
            if verdict is not Verdict.INCONCLUSIVE:
                return verdict, reason
            if self._is_long(observed):
                self._course.say(outcome="held", reason=reason)

    def _is_long(self, observed: list[Comparison]) -> bool:
        """Whether whoever waits should be told that it may take long: once, sooner where nobody asks anything."""
        quiet = not any(one.new.requests or one.old.requests for one in observed)
        return len(observed) == (self._rule.windows if quiet else 2 * self._rule.windows)

    def _compare(self, windows: dict[str, Window]) -> Comparison:
        new = windows.pop(self._canary, Window())
        return Comparison(new, sum(windows.values(), Window()))

    def _tell(self, window: Comparison, verdict: Verdict, reason: str) -> None:
        new, old = window.new, window.old
        self._course.say(
            step="window",
            requests=new.requests,
            errors=new.errors,
            latency_ms=round(new.latency * 1000, 1),
            before={"requests": old.requests, "errors": old.errors, "latency_ms": round(old.latency * 1000, 1)},
            verdict=verdict.value,
            reason=reason,
        )
