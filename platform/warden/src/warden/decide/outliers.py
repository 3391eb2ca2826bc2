"""Whether one replica does worse than its siblings: then it gets no requests for a while. Pure."""

from dataclasses import replace
from typing import Any

from warden.decide.figures import Figures
from warden.decide.model import Counted, Decision, Fleet, Outcome, Replica, Window, Wish
from warden.journal import Fault


def after_window(fleet: Fleet, replica: Replica, seen: Counted, now: float, figures: Figures) -> Outcome:
    """Judge the window against the siblings' latest; eject after enough bad ones, restart if that was no cure.

    Without a sibling there is nothing to compare with and nobody to take its requests: alerts call people then.
    """
    bad: Fault = (
        "" if seen.on_trial else _what_is_bad(seen.window, _siblings_window(fleet, replica, now, figures), figures)
    )
    windows = (*replica.windows, (now, seen.window, bad))[-figures.windows :]
    judged = replace(replica, windows=windows)
    faults = [fault for _, _, fault in windows if fault]
    if not bad or len(faults) < figures.bad_windows or not _can_spare(fleet, replica):
        return fleet.having(judged), ()
    reason = _words(bad, seen.window, len(faults), figures)
    if any(now - ejection < figures.persists for ejection in replica.ejections):
        wish = replica.wish or Wish(bad, f"{reason}; ejecting it did not help", drain=True, details=_figures(seen))
        return fleet.having(replace(judged, wish=wish)), ()
    ejections = (*replica.ejections, now)
    until = now + min(figures.longest_ejection, figures.ejection * len(ejections))
    out = replace(judged, ejections=ejections, ejected_until=until, windows=())
    return fleet.having(out), (
        Decision(
            event="ejected", action="eject", instance=replica.instance, service=replica.service, fault=bad,
            reason=reason, details={**_figures(seen), "seconds": until - now},
        ),
    )  # fmt: skip


def restored(replica: Replica, now: float) -> tuple[Replica, tuple[Decision, ...]]:
    """Bring it back when its time is over."""
    if replica.ejected_until is None or now < replica.ejected_until:
        return replica, ()
    back = replace(replica, ejected_until=None, windows=())
    return back, (
        Decision(
            event="restored", action="restore", instance=replica.instance, service=replica.service,
            reason="its time out of balancing is over",
        ),
    )  # fmt: skip


def in_rotation(fleet: Fleet, replica: Replica) -> bool:
    """Whether requests should be sent there: it is ready, or none of its siblings is and it once was."""
    if replica.phase != "up" or replica.ejected_until is not None:
        return False
    if replica.ready:
        return True
    return not any(
        other.phase == "up" and other.ready and other.ejected_until is None for other in fleet.of(replica.service)
    )


def _siblings_window(fleet: Fleet, replica: Replica, now: float, figures: Figures) -> Window:
    latest = [
        other.windows[-1]
        for other in fleet.of(replica.service)
        if other.instance != replica.instance and other.windows and in_rotation(fleet, other)
    ]
    fresh = [window for at, window, _ in latest if now - at <= 2 * figures.sample_interval]
    return sum(fresh, Window())


def _what_is_bad(own: Window, others: Window, figures: Figures) -> Fault:
    if own.requests < figures.window_requests or others.requests < figures.window_requests:
        return ""
    if own.error_share > max(figures.error_share, figures.outlier * others.error_share):
        return "errors"
    if own.latency > max(figures.slow, figures.outlier * others.latency):
        return "latency"
    return ""


def _can_spare(fleet: Fleet, replica: Replica) -> bool:
    """Whether it is in balancing, and half of the replicas are without it."""
    if not in_rotation(fleet, replica):
        return False
    all_of_it = fleet.of(replica.service)
    return 2 * (sum(in_rotation(fleet, other) for other in all_of_it) - 1) >= len(all_of_it)


def _words(bad: Fault, window: Window, count: int, figures: Figures) -> str:
    said = f"{window.error_share:.1%} errors" if bad == "errors" else f"{window.latency * 1000:.0f} ms a request"
    return f"{said}, far from its siblings' in {count} of the last {figures.windows} windows"


def _figures(seen: Counted) -> dict[str, Any]:
    window = seen.window
    shown = seen.failure.details() if seen.failure and window.errors else {}
    latency = round(window.latency * 1000, 1)
    return {"requests": window.requests, "errors": window.errors, "latency_ms": latency, **shown}
