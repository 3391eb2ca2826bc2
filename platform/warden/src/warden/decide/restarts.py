"""Starting what has ended: at once, then ever later, until its budget is used up. Pure.

Starting what has ended disrupts nobody, so nothing but these bounds it.
"""

from dataclasses import replace

from warden.decide.figures import Figures
from warden.decide.model import Decision, Ended, Replica, Resumed

Outcome = tuple[Replica, tuple[Decision, ...]]


def after_end(replica: Replica, seen: Ended, now: float, figures: Figures, jitter: float) -> Outcome:
    """Start it after a delay that doubles with each failure in a row; what we ended ourselves starts at once.

    Args:
        replica: what happened to it before.
        seen: how it ended.
        now: the time.
        figures: the bounds.
        jitter: 0 to 1, drawn by the caller; takes off up to half of the delay, so that replicas do not return in step.
    """
    if replica.phase == "quarantined":
        return replica, ()
    ours = replica.phase == "ending"
    healthy_for = now - replica.ready_since if replica.ready_since is not None else 0.0
    reason = seen.problem or (f"ended by warden: {replica.fault}" if ours else describe(seen.code, healthy_for))
    starts = _recent(replica, now, figures)
    base = replace(replica, phase="down", since=now, starts=starts, ready=False, ready_since=None, wish=None)
    if not ours:
        base = replace(base, fault="exit", noticed=now)
    if len(starts) >= figures.restarts:
        return quarantined(base, reason, now, figures)
    failures = 0 if healthy_for >= figures.forgiven_after else replica.failures
    delay = 0.0 if ours and not seen.problem else _delay(failures, figures, jitter)
    base = replace(base, starts=(*starts, now), restarts=replica.restarts + 1, failures=failures + 1)
    return base, (
        Decision(
            event="stopped" if ours else "failed" if seen.problem else "exited",
            action="start" if ours else "restart",
            instance=replica.instance,
            service=replica.service,
            fault=base.fault,
            reason=reason,
            after=delay,
            details={"code": seen.code, "after": round(delay, 3), "restarts": base.restarts},
        ),
    )


def quarantined(replica: Replica, reason: str, now: float, figures: Figures) -> Outcome:
    """Leave it alone from now on, and call its owner."""
    why = f"{figures.restarts} restarts within {figures.restart_window:g} s were no use; the last: {reason}"
    decision = Decision(
        event="quarantined", action="quarantine", instance=replica.instance, service=replica.service,
        fault="crash-loop", reason=why, details={"restarts": replica.restarts},
    )  # fmt: skip
    page = replace(decision, event="paged", action="page", reason=f"{replica.instance} is in quarantine: {why}")
    left = replace(replica, phase="quarantined", since=now, ready=False, ready_since=None, wish=None, fault="")
    return left, (decision, page)


def resumed(replica: Replica, seen: Resumed, now: float) -> Outcome:
    """Lift the quarantine and give it a new budget; without one there is nothing to do."""
    if replica.phase != "quarantined":
        return replica, ()
    back = replace(
        replica, phase="down", since=now, starts=(), failures=0, fault="crash-loop", noticed=now,
        ejected_until=None, ejections=(),
    )  # fmt: skip
    return back, (
        Decision(
            event="resumed", action="resume", instance=seen.instance, service=replica.service, fault="crash-loop",
            reason="the quarantine was lifted",
        ),
    )  # fmt: skip


def used_up(replica: Replica, now: float, figures: Figures) -> bool:
    """Whether one more restart would go beyond its budget."""
    return len(_recent(replica, now, figures)) >= figures.restarts


def describe(code: int | None, healthy_for: float) -> str:
    """The exit in words."""
    when = f"after {healthy_for:.1f} s of health" if healthy_for else "before it was ready"
    if code is None:
        return f"ended {when}"
    if code < 0:
        return f"ended by signal {-code} {when}"
    return f"exited with code {code} {when}"


def _recent(replica: Replica, now: float, figures: Figures) -> tuple[float, ...]:
    return tuple(start for start in replica.starts if start > now - figures.restart_window)


def _delay(failures: int, figures: Figures, jitter: float) -> float:
    longest = min(figures.longest_delay, figures.first_delay * 2.0 ** min(failures, 16))
    return longest * (1 - jitter / 2)
