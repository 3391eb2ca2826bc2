"""What a finished attempt says about the replica that was called."""

from chassis.resilience.breaker import Verdict
from chassis.resilience.retry import Outcome

FAIR_SHARE = 0.5
"""A timeout tells nothing of a replica that had less than that share of the time it usually gets."""
LATE_S = 0.1
"""A timer that fires that much later than due is the work of a process that got no time itself: replies may have been
waiting for it all along."""


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


def verdict_on_timeout(*, seconds: float, limit: float, usual: float) -> Verdict:
    """Of an attempt that was given up because a time was over: bad, unless that is the caller's doing.

    Args:
        seconds: how long it really took until it was given up.
        limit: how long it was allowed to take.
        usual: how long it would have been allowed to take but for its caller's deadline.
    """
    cut_short = limit < FAIR_SHARE * usual
    overslept = seconds > limit + LATE_S
    return Verdict.NEITHER if cut_short or overslept else Verdict.BAD


def verdict_on_broken_body(failure: Outcome) -> Verdict:
    """Of an attempt whose reply began and did not end: a timeout may as well be the fault of who takes it slowly."""
    return Verdict.NEITHER if failure is Outcome.TIMED_OUT else Verdict.BAD
