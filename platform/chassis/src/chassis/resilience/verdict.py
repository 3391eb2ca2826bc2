"""What a finished attempt says about the replica that was called."""

from chassis.resilience.breaker import Verdict
from chassis.resilience.retry import Outcome

FAIR_SHARE = 0.5
"""A call cut short by its caller tells nothing unless the replica had that share of the time it usually gets."""
_NEARLY = 0.9
"""Timers are not exact: what took that share of its time ran into its end."""


def verdict_on_reply(*, status: int, excused: bool, seconds: float, slow: float) -> Verdict:
    """Of an attempt that got a reply.

    Args:
        status: of the reply; below 500 it is what the caller asked for, whatever the caller makes of it.
        excused: the replica says when to come back, or that it was a service further on that failed.
        seconds: until the reply began; how fast its body was taken is the caller's doing.
        slow: so many seconds are too many.
    """
    if status == 429 or (status >= 500 and excused):
        return Verdict.NEITHER
    return Verdict.BAD if status >= 500 or seconds >= slow else Verdict.GOOD


def verdict_without_reply(*, seconds: float, granted: float, usual: float) -> Verdict:
    """Of an attempt that got none: bad, unless the caller's own deadline ended it early.

    Args:
        seconds: how long it took to fail.
        granted: how long it was allowed to take.
        usual: how long it would have been allowed to take but for its caller's deadline.
    """
    cut_short = granted < FAIR_SHARE * usual and seconds >= _NEARLY * granted
    return Verdict.NEITHER if cut_short else Verdict.BAD


def verdict_on_broken_body(failure: Outcome) -> Verdict:
    """Of an attempt whose reply began and did not end: a timeout may as well be the fault of who takes it slowly."""
    return Verdict.NEITHER if failure is Outcome.TIMED_OUT else Verdict.BAD
