"""A new replica on trial: it is held against the old ones, window after window, until there is a verdict."""

import asyncio
from collections.abc import Callable, Iterable

from warden.decide.model import Window
from warden.release.analysis import Comparison, Rule, Verdict, judge
from warden.release.course import Course
from warden.release.windows import answered, between
from warden.replica import Replica

_KEPT = 720  # windows, an hour: evidence that is older says nothing of now


class Trial:
    """One replica beside the others of its service."""

    def __init__(
        self,
        canary: Replica,
        others: Callable[[], Iterable[Replica]],
        ejected: Callable[[], bool],
        rule: Rule,
        course: Course,
    ) -> None:
        """``others`` are asked for anew with each window, for they may come and go; ``ejected`` whether the new
        replica was taken out of balancing, as any that stands out from its siblings is.
        """
        self._canary = canary
        self._others = others
        self._course = course
        self._ejected = ejected
        self._rule = rule

    async def verdict(self) -> tuple[Verdict, str]:
        """Pass or fail, with the reason; waits for as long as there is no evidence, and says so meanwhile."""
        restarts = self._canary.restarts
        before, observed = await self._answered(), list[Comparison]()
        while True:
            await asyncio.sleep(self._rule.window)
            if self._canary.restarts > restarts:
                return Verdict.FAIL, f"{self._canary.part.instance} ended"
            if self._ejected():
                return Verdict.FAIL, f"{self._canary.part.instance} was ejected: it stands out from its siblings"
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

    async def _answered(self) -> dict[str, Window]:
        parts = [replica.part for replica in (self._canary, *self._others())]
        counted = await asyncio.gather(*(answered(part.port) for part in parts))
        return {part.instance: window for part, window in zip(parts, counted, strict=True) if window is not None}

    def _compare(self, windows: dict[str, Window]) -> Comparison:
        new = windows.pop(self._canary.part.instance, Window())
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
