"""Whether a process runs out of memory or of file descriptors. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from warden.decide.figures import Figures
from warden.decide.model import Replica, Sampled, Wish
from warden.journal import Fault

_KEPT = 12
_MB = 1024 * 1024


def after_sample(replica: Replica, seen: Sampled, now: float, figures: Figures) -> Replica:
    """Wish for a drained restart when it is near a limit, or grows towards one so fast that it soon will be."""
    if not replica.living:
        return replica
    samples = (*replica.samples, (now, seen.memory, seen.descriptors))[-_KEPT:]
    sampled = replace(replica, samples=samples)
    allowed = min(figures.descriptors, seen.descriptor_limit)
    found = _exhausted("memory", [(at, memory) for at, memory, _ in samples], figures.memory_limit * _MB, figures)
    found = found or _exhausted("descriptors", [(at, used) for at, _, used in samples], allowed, figures)
    if found is None:
        return sampled if not _ours(replica.wish) else replace(sampled, wish=None)
    return sampled if replica.wish else replace(sampled, wish=found)


def _ours(wish: Wish | None) -> bool:
    return wish is not None and wish.fault in {"memory", "descriptors"}


def _exhausted(what: Fault, series: Sequence[tuple[float, int]], limit: int, figures: Figures) -> Wish | None:
    last = series[-figures.samples :]
    if len(last) < figures.samples:
        return None
    growth = slope(series)
    value = series[-1][1]
    near = all(value >= figures.memory_share * limit for _, value in last)
    soon = value >= limit / 2 and growth > 0 and (limit - value) / growth < figures.exhaustion
    if not near and not soon:
        return None
    details = {"value": value, "limit": limit, "per_minute": round(growth * 60), "trend": [one for _, one in series]}
    return Wish(what, _words(what, details, soon=soon and not near), drain=True, details=details)


def slope(series: Sequence[tuple[float, int]]) -> float:
    """Growth per second: the straight line of least squares through (time, value)."""
    count = len(series)
    middle = sum(at for at, _ in series) / count
    mean = sum(value for _, value in series) / count
    spread = sum((at - middle) ** 2 for at, _ in series)
    return sum((at - middle) * (value - mean) for at, value in series) / spread if spread else 0.0


def _words(what: Fault, details: dict[str, Any], *, soon: bool) -> str:
    value, limit, rate = details["value"], details["limit"], details["per_minute"]
    if what == "memory":
        value, limit, rate, unit = value // _MB, limit // _MB, rate // _MB, "MB"
    else:
        unit = "file descriptors"
    return f"{value} of {limit} {unit}, growing by {rate} a minute{', soon used up' if soon else ''}"
