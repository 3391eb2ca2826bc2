"""Whether a living process may be ended now: the rules that keep recovery from being the outage. Pure."""

from warden.decide.figures import Figures
from warden.decide.model import Fleet, Replica, Wish
from warden.decide.probes import ailing_needs

FLEET = "fleet"
CAUSE = "cause"
PACE = "pace"
SIBLINGS = "siblings"


_AT_LEAST = 3


def obstacle(fleet: Fleet, replica: Replica, wish: Wish, now: float, figures: Figures) -> tuple[str, str] | None:
    """What a disruptive action has to wait for, by its kind and in words; None if it may be done now."""
    if words := suspicion(fleet, now, figures):
        return FLEET, words
    if ill := sorted({other.instance for other in ailing_needs(fleet, replica)}):
        return CAUSE, f"what it needs is ill: {', '.join(ill)}"
    if now - fleet.disrupted < figures.disruption_interval:
        return PACE, f"a process was ended {now - fleet.disrupted:.1f} s ago; one in {figures.disruption_interval:g} s"
    if ending := sorted(other.instance for other in fleet.replicas.values() if other.phase == "ending"):
        return PACE, f"{', '.join(ending)} is being ended"
    if wish.drain and (away := absent_siblings(fleet, replica)):
        return SIBLINGS, f"the load of {replica.instance} has nowhere to go: {', '.join(away)} is not ready"
    return None


def suspicion(fleet: Fleet, now: float, figures: Figures) -> str:
    """Why warden should suspect itself, or the machine, rather than the replicas; empty if it need not.

    Counted are living replicas that failed liveness lately and have nothing ill to blame: against all that live, and,
    when they are several, against those that have nothing ill to blame. Else a machine that stands still would hide
    behind its stores, which everything needs.
    """
    living = [one for one in fleet.replicas.values() if one.living and (one.live or one.live_failures)]
    blameless = [one for one in living if not ailing_needs(fleet, one)]
    failing = sum(one.live_failed is not None and now - one.live_failed <= figures.fleet_window for one in blameless)
    for count in (len(living), len(blameless) if failing >= _AT_LEAST else 0):
        if count and failing >= figures.fleet_share * count:
            return f"{failing} of {count} living replicas fail liveness: warden suspects itself"
    return ""


def absent_siblings(fleet: Fleet, replica: Replica) -> list[str]:
    """The replicas of the same service that do not serve, those in quarantine excepted."""
    return sorted(
        other.instance
        for other in fleet.of(replica.service)
        if other.instance != replica.instance
        and other.phase != "quarantined"
        and not (other.phase == "up" and other.ready)
    )
