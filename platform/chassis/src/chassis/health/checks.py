"""Checks of what a process needs: each with a bound on its time and a result that is reused for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

TIMEOUT_S = 0.5
TTL_S = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the process itself owns and needs, such as its database; never a sibling service.

    Attributes:
        name: how the health document calls it.
        probe: returns when all is well, raises when not; the message of what it raises is shown.
        timeout: seconds after which the probe counts as failed.
        ttl: seconds for which a result is good.
    """

    name: str
    probe: Callable[[], Awaitable[object]]
    timeout: float = TIMEOUT_S
    ttl: float = TTL_S


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found; `at` is a reading of the monotonic clock."""

    status: Literal["ok", "failing"]
    detail: str
    at: float


class HealthChecks:
    """Runs the checks on demand: side by side, none twice at the same time, none longer than its bound."""

    def __init__(self, checks: Iterable[Check], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._checks = {check.name: check for check in checks}
        self._clock = clock
        self._results: dict[str, CheckResult] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def add(self, check: Check) -> None:
        """Ask this, too, from now on.

        Raises:
            ValueError: a check of that name exists.
        """
        if check.name in self._checks:
            raise ValueError(f"two health checks are named {check.name!r}; give one another name")
        self._checks[check.name] = check

    async def results(self) -> dict[str, CheckResult]:
        """A result of each check that is no older than its `ttl`."""
        stale = [self._refresh(check) for check in self._checks.values() if not self._fresh(check)]
        if stale:
            await asyncio.gather(*stale)
        return {name: self._results[name] for name in self._checks}

    async def known(self, within: float) -> dict[str, CheckResult]:
        """The latest result of each check, after waiting at most `within` seconds for those that are too old.

        A check without any result is missing.
        """
        refresh = asyncio.ensure_future(self.results())
        try:
            await asyncio.wait([refresh], timeout=within)
        finally:
            refresh.cancel()
        return {name: self._results[name] for name in self._checks if name in self._results}

    def names(self) -> tuple[str, ...]:
        """The names of the checks."""
        return tuple(self._checks)

    def _fresh(self, check: Check) -> bool:
        result = self._results.get(check.name)
        return result is not None and self._clock() - result.at < check.ttl

    async def _refresh(self, check: Check) -> None:
        running = self._running.get(check.name)
        if running is None:
            running = self._running[check.name] = asyncio.create_task(self._run(check))
        # One impatient caller must not cancel the probe the others wait for.
        await asyncio.shield(running)

    async def _run(self, check: Check) -> None:
        try:
            self._results[check.name] = await self._probe(check)
        finally:
            del self._running[check.name]

    async def _probe(self, check: Check) -> CheckResult:
        try:
            async with asyncio.timeout(check.timeout):
                await check.probe()
        except TimeoutError:
            return CheckResult("failing", f"no answer within {check.timeout:g} s", self._clock())
        except Exception as error:  # noqa: BLE001 - whatever a probe raises is its answer
            return CheckResult("failing", str(error) or type(error).__name__, self._clock())
        else:
            return CheckResult("ok", "", self._clock())
