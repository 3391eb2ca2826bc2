"""Whether a new release does worse than the one before it, from what both did in the same windows of time.

Without evidence there is no verdict: a service that is not asked is neither good nor bad.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import msgspec

from warden.decide.model import Window


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same window for the new release and for the one before it."""

    new: Window
    old: Window

    def __add__(self, other: "Comparison") -> "Comparison":
        """Both as one."""
        return Comparison(self.new + other.new, self.old + other.old)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The figures; docs/releases.md says where each comes from. `[release]` in config.toml sets them.

    Attributes:
        window: seconds that one lasts.
        windows: how many of the last ones count.
        worse: in how many of them the new release has to do worse to be given up.
        requests: that the new release must have answered in all of them.
        errors: share of errors that is always allowed.
        error_ratio: and how many times that of the release before.
        latency_ratio: how many times slower than the release before is allowed,
        latency_slack: or how many seconds.
    """

    window: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    windows: Annotated[int, msgspec.Meta(ge=1)] = 5
    worse: Annotated[int, msgspec.Meta(ge=1)] = 3
    requests: Annotated[int, msgspec.Meta(ge=1)] = 50
    errors: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.02
    error_ratio: Annotated[float, msgspec.Meta(ge=1)] = 3.0
    latency_ratio: Annotated[float, msgspec.Meta(ge=1)] = 2.0
    latency_slack: Annotated[float, msgspec.Meta(ge=0)] = 0.1


class Verdict(Enum):
    """What the evidence says."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


def judge(observed: Sequence[Comparison], rule: Rule) -> tuple[Verdict, str]:
    """The verdict on a new release, and the reason in words.

    Args:
        observed: every window since it got requests, oldest first. Those with few requests are taken together until
            they hold a window's share of what is needed, so that a quiet service is judged too, only later.
        rule: the figures.
    """
    last = _gathered(observed, rule.requests // rule.windows)[-rule.windows :]
    requests = sum(one.new.requests for one in last)
    worse = [reason for one in last if (reason := _worse(one, rule))]
    if requests < rule.requests:
        return Verdict.INCONCLUSIVE, f"{requests} of {rule.requests} requests that are needed"
    if len(worse) >= rule.worse:
        return Verdict.FAIL, f"worse in {len(worse)} of {len(last)} windows, in the last one by {worse[-1]}"
    if len(last) < rule.windows:
        return Verdict.INCONCLUSIVE, f"{len(last)} of {rule.windows} windows"
    return Verdict.PASS, f"as good as before over {requests} requests"


def _gathered(observed: Sequence[Comparison], least: int) -> list[Comparison]:
    """Neighbouring windows as one, until each has so many requests; what is left at the end has too few."""
    found: list[Comparison] = []
    open_ = None
    for one in observed:
        open_ = one if open_ is None else open_ + one
        if open_.new.requests >= least:
            found.append(open_)
            open_ = None
    return found


def _worse(one: Comparison, rule: Rule) -> str:
    """How the new release does worse; empty if it does not."""
    new, old = one.new, one.old
    if new.error_share > max(rule.errors, rule.error_ratio * old.error_share):
        return f"errors: {new.error_share:.1%}, before {old.error_share:.1%}"
    allowed = max(rule.latency_ratio * old.latency, old.latency + rule.latency_slack)
    if old.requests and new.latency > allowed:
        return f"latency: {new.latency * 1000:.0f} ms, before {old.latency * 1000:.0f} ms"
    return ""
