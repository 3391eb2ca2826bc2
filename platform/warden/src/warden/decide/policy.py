"""The whole of deciding: state and observation in, state and decisions out. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from warden.decide import outliers, probes, resources, restarts
from warden.decide.disruption import FLEET, obstacle, suspicion
from warden.decide.figures import Figures
from warden.decide.model import (
    Counted,
    Decision,
    Ended,
    Fleet,
    Joined,
    Left,
    Live,
    Observation,
    Outcome,
    Ready,
    Replica,
    Resumed,
    Sampled,
    Started,
    Ticked,
    Wish,
)
from warden.journal import Action


def decide(fleet: Fleet, seen: Observation, now: float, figures: Figures, jitter: float = 0.0) -> Outcome:
    """What is to be remembered and done.

    Args:
        fleet: what is remembered.
        seen: what was observed; of a replica that is not known it changes nothing.
        now: monotonic seconds; never less than before.
        figures: when something is a fault and how much may be done.
        jitter: 0 to 1, drawn by the caller.
    """
    if isinstance(seen, Ticked):
        fleet, decisions = _tick(fleet, now)
    elif isinstance(seen, Joined):
        fleet, decisions = _join(fleet, seen, now), ()
    elif isinstance(seen, Left):
        others = {instance: one for instance, one in fleet.replicas.items() if instance != seen.instance}
        fleet, decisions = replace(fleet, replicas=others), ()
    elif (replica := fleet.replicas.get(seen.instance)) is not None:
        fleet, decisions = _of_one(fleet, replica, seen, now, figures, jitter)
    else:
        return fleet, ()
    fleet, more = _pursue(fleet, now, figures)
    fleet, last = _suspicion(fleet, now, figures)
    return fleet, (*decisions, *more, *last)


def _of_one(  # noqa: PLR0917
    fleet: Fleet,
    replica: Replica,
    seen: Started | Ended | Live | Ready | Sampled | Counted | Resumed,
    now: float,
    figures: Figures,
    jitter: float,
) -> Outcome:
    decisions: tuple[Decision, ...] = ()
    match seen:
        case Started():
            replica = _started(replica, now) if replica.phase == "down" else replica
        case Ended():
            replica, decisions = restarts.after_end(replica, seen, now, figures, jitter)
        case Live():
            replica = probes.after_live(replica, seen, now, figures)
        case Ready():
            return probes.after_ready(fleet, replica, seen, now, figures)
        case Sampled():
            replica = resources.after_sample(replica, seen, now, figures)
        case Counted():
            return outliers.after_window(fleet, replica, seen, now, figures)
        case Resumed():
            replica, decisions = restarts.resumed(replica, seen, now)
    return fleet.having(replica), decisions


def _join(fleet: Fleet, seen: Joined, now: float) -> Fleet:
    """A replica that an earlier warden knew keeps its budget, its quarantine and its ejection."""
    known = seen.memory or Replica(seen.instance, seen.service)
    known = replace(known, service=seen.service, needs=seen.needs, stuck=seen.stuck)
    if known.phase == "quarantined":
        return fleet.having(known)
    fresh = replace(_started(known, now), live=seen.adopted)
    if seen.ready:
        fresh = replace(fresh, phase="up", live=True, ready=True, ready_since=now)
    return fleet.having(replace(fresh, ejected_until=known.ejected_until, ejections=known.ejections))


def _started(replica: Replica, now: float) -> Replica:
    """A new process: nothing that was seen of the old one holds."""
    return Replica(
        instance=replica.instance, service=replica.service, needs=replica.needs, since=now, restarts=replica.restarts,
        failures=replica.failures, starts=replica.starts, fault=replica.fault, noticed=replica.noticed,
        stuck=replica.stuck, cures=replica.cures,
    )  # fmt: skip


def _tick(fleet: Fleet, now: float) -> Outcome:
    decisions: tuple[Decision, ...] = ()
    for replica in tuple(fleet.replicas.values()):
        back, said = outliers.restored(replica, now)
        if said:
            fleet, decisions = fleet.having(back), decisions + said
    return fleet, decisions


def _pursue(fleet: Fleet, now: float, figures: Figures) -> Outcome:
    """Fulfil the wish that is most pressing, if it may be; say of each other what it waits for, once."""
    decisions: tuple[Decision, ...] = ()
    for replica, wish in _wishes(fleet.replicas):
        in_the_way = obstacle(fleet, replica, wish, now, figures)
        if in_the_way is None:
            fleet, said = _end(fleet, replica, wish, now, figures)
            decisions += said
        elif in_the_way[0] != wish.told:
            kind, words = in_the_way
            fleet = fleet.having(replace(replica, wish=replace(wish, told=kind)))
            decisions += (_about(replica, wish, "deferred", "hold", f"{wish.reason}; waits: {words}"),)
            if kind == FLEET and fleet.suspected is None:
                fleet = replace(fleet, suspected=now)
                reason = f"{words}; nothing is ended"
                decisions += (Decision(event="suspected", action="hold", fault="fleet", reason=reason),)
    return fleet, decisions


def _wishes(replicas: Mapping[str, Replica]) -> list[tuple[Replica, Wish]]:
    """Those that hang first, then those that still serve."""
    found = [(replica, replica.wish) for replica in replicas.values() if replica.wish is not None and replica.living]
    return sorted(found, key=lambda one: (one[1].drain, one[0].live_failed or 0.0, one[0].instance))


def _end(fleet: Fleet, replica: Replica, wish: Wish, now: float, figures: Figures) -> Outcome:
    event = {"hang": "hung", "memory": "swollen", "descriptors": "swollen"}.get(wish.fault, "degraded")
    if restarts.used_up(replica, now, figures):
        left, said = restarts.quarantined(replica, wish.reason, now, figures)
        first = replace(said[0], disruptive=True, drain=wish.drain)
        return replace(fleet.having(left), disrupted=now), (first, *said[1:])
    cures = (*probes.recent_cures(replica, now, figures), now) if wish.fault == "unready" else replica.cures
    ending = replace(replica, phase="ending", since=now, wish=None, fault=wish.fault, noticed=now, cures=cures)
    decision = replace(_about(replica, wish, event, "restart", wish.reason), drain=wish.drain, disruptive=True)
    return replace(fleet.having(ending), disrupted=now), (decision,)


def _about(replica: Replica, wish: Wish, event: str, action: Action, reason: str) -> Decision:
    return Decision(
        event=event, action=action, instance=replica.instance, service=replica.service, fault=wish.fault,
        reason=reason, details=wish.details,
    )  # fmt: skip


def _suspicion(fleet: Fleet, now: float, figures: Figures) -> Outcome:
    """Call for help when it lasts; trust ourselves again when no wish is held back for that reason any more."""
    if fleet.suspected is None:
        return fleet, ()
    words = suspicion(fleet, now, figures) if _wishes(fleet.replicas) else ""
    if not words:
        over = Decision(event="resolved", fault="fleet", reason="fewer than half of the living replicas fail liveness")
        return replace(fleet, suspected=None, called=False), (over,)
    if fleet.called or now - fleet.suspected < figures.fleet_window:
        return fleet, ()
    page = Decision(
        event="paged", action="page", fault="fleet", reason=f"{words}; nothing is ended: look at the machine"
    )
    return replace(fleet, called=True), (page,)
