"""What probes say of a replica: whether it hangs, whether it is ready. Pure."""

from dataclasses import replace

from warden.decide.figures import Figures
from warden.decide.model import Decision, Fleet, Live, Outcome, Ready, Replica, Wish
from warden.journal import Fault


def after_live(replica: Replica, seen: Live, now: float, figures: Figures) -> Replica:
    """Wish for a restart when it has failed often enough; a process that has never answered is given its grace."""
    if not replica.living:
        return replica
    if seen.ok:
        if replica.live and not replica.live_failures and not replica.wish:
            return replica
        wish = None if replica.wish and replica.wish.fault == "hang" else replica.wish
        return replace(replica, live=True, live_failures=0, wish=wish)
    if not replica.live and now - replica.since < figures.startup_grace:
        return replica
    failures = replica.live_failures + 1
    failed = replace(replica, live_failures=failures, live_failed=now)
    if failures < figures.liveness_failures or (replica.wish and replica.wish.fault == "hang"):
        return failed
    reason = f"liveness failed {failures} times in a row: {seen.detail}"
    wish = Wish("hang", reason, drain=False, details={"failures": failures})
    return replace(failed, wish=wish)


def after_ready(fleet: Fleet, replica: Replica, seen: Ready, now: float, figures: Figures) -> Outcome:
    """Note that it became ready, or is not any more; nothing is ended for that but what only a restart cures."""
    if not replica.living:
        return fleet, ()
    if replica.phase == "starting":
        return _became_ready(fleet, replica, now) if seen.ok else (fleet, ())
    if seen.ok == replica.ready:
        steady = replace(replica, ready_streak=0) if replica.ready_streak else replica
        return fleet.having(steady if seen.ok else _tired_of(steady, seen, now, figures)), ()
    streak = replica.ready_streak + 1
    if streak < (figures.readiness_successes if seen.ok else figures.readiness_failures):
        return fleet.having(replace(replica, ready_streak=streak)), ()
    return _became_ready(fleet, replica, now) if seen.ok else _hold(fleet, replica, seen, now)


def _became_ready(fleet: Fleet, replica: Replica, now: float) -> Outcome:
    seconds = round(now - (replica.noticed if replica.fault else replica.since), 3)
    decision = Decision(
        event="ready", instance=replica.instance, service=replica.service, fault=replica.fault,
        reason=f"ready {seconds:g} s after {'it was noticed' if replica.fault else 'its start'}",
        details={"seconds": seconds},
    )  # fmt: skip
    since = replica.since if replica.phase == "up" else now
    ready = replace(
        replica, phase="up", since=since, live=True, ready=True, ready_streak=0, fault="",
        wish=None if replica.wish and replica.wish.fault == "unready" else replica.wish,
        ready_since=replica.ready_since if replica.ready_since is not None else now,
    )  # fmt: skip
    return fleet.having(ready), (decision,)


def _hold(fleet: Fleet, replica: Replica, seen: Ready, now: float) -> Outcome:
    causes = sorted({other.service for other in ailing_needs(fleet, replica)} | set(seen.lacks))
    if causes:
        reason = f"not ready because of {', '.join(causes)}: held, since a restart would not help"
    else:
        reason = f"not ready, and nothing it needs is known to be ill: held; it says {seen.detail}"
    fault: Fault = "dependency" if causes else "unready"
    decision = Decision(
        event="unready", action="hold", instance=replica.instance, service=replica.service, fault=fault, reason=reason,
        details={"causes": causes},
    )  # fmt: skip
    held = replace(replica, ready=False, ready_streak=0, fault=fault, noticed=now)
    return fleet.having(held), (decision,)


def _tired_of(replica: Replica, seen: Ready, now: float, figures: Figures) -> Replica:
    """Wish for a restart of what has been unready for so long that only this will help; the next time, later.

    So a fault that outlasts restarts costs ever fewer of them; while it lacks something, such as room on a disk, none.
    """
    if seen.lacks and replica.wish and replica.wish.fault == "unready":
        return replace(replica, wish=None)
    if not replica.stuck or seen.lacks or replica.wish:
        return replica
    doubled = figures.patience * 2.0 ** len(recent_cures(replica, now, figures))
    unready = now - replica.noticed
    if unready < min(doubled, figures.longest_patience):
        return replica
    reason = f"unready for {unready:.0f} s, and only a restart is known to help; it says {seen.detail}"
    return replace(replica, wish=Wish("unready", reason, drain=True, details={"seconds": round(unready, 1)}))


def recent_cures(replica: Replica, now: float, figures: Figures) -> tuple[float, ...]:
    """When it was last ended because it was unready, for as long as that counts."""
    return tuple(at for at in replica.cures if now - at < figures.persists)


def ailing_needs(fleet: Fleet, replica: Replica) -> list[Replica]:
    """The unhealthy replicas of whatever it needs."""
    return [other for other in fleet.replicas.values() if other.service in replica.needs and other.unhealthy]
