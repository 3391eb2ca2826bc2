"""What warden's journal says of a fault: when it was noticed, when all was well again, who else was restarted."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec

from warden.journal import Entry

NOTICED: Final = frozenset({"exited", "hung", "swollen", "unready", "degraded", "ejected", "rolling-back"})
TAKEN_BACK: Final = "rolled-back"
WELL: Final = frozenset({"ready", "restored", TAKEN_BACK})
UP: Final = "up"
"""The event of a process that is ready as part of the start of the whole system."""


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the fault to the two moments; None for what never came."""

    detection: float | None = None
    recovery: float | None = None


def recovery_of(entries: Iterable[Entry], hit: Collection[str], struck: float) -> Recovery:
    """When one of those that were hit was first seen to be unwell, and when the last of them was well again."""
    noticed: float | None = None
    unwell: dict[str, str] = {}
    well: float | None = None
    for entry in entries:
        if entry.instance not in hit or entry.time < struck:
            continue
        if entry.event in NOTICED:
            noticed = entry.time if noticed is None else noticed
            unwell[entry.instance] = entry.service
        elif entry.event in WELL and entry.instance in unwell:
            # A release that was taken back takes its replicas with it.
            gone = entry.service if entry.event == TAKEN_BACK else None
            unwell = {name: service for name, service in unwell.items() if name != entry.instance and service != gone}
            well = entry.time
    return Recovery(
        detection=None if noticed is None else noticed - struck,
        recovery=None if well is None or unwell else well - struck,
    )


def restarts(entries: Iterable[Entry], struck: float) -> Counter[str]:
    """How often each instance was started since; the first start of one that has never run is none."""
    found: Counter[str] = Counter()
    ran: set[str] = set()
    for entry in entries:
        if entry.event == "started" and entry.time >= struck and entry.instance in ran:
            found[entry.instance] += 1
        if entry.event in {"started", "adopted"}:
            ran.add(entry.instance)
    return found


def last_recovered(entries: Iterable[Entry], instance: str) -> float | None:
    """When an instance last became well again, in Unix time; None if nothing was ever wrong with it."""
    return max((entry.time for entry in entries if entry.instance == instance and entry.event in WELL), default=None)


def cold_start(entries: Sequence[Entry], instance: str) -> float | None:
    """Seconds that an instance took to be ready when the system last started; None if it was adopted then."""
    began: float | None = None
    found: float | None = None
    for entry in entries:
        if entry.instance != instance:
            continue
        if entry.event == "started":
            began = entry.time
        elif entry.event == UP and began is not None:
            found, began = entry.time - began, None
    return found


def first_start(entries: Iterable[Entry], instance: str) -> float | None:
    """Seconds that a container's first start in these entries took until it was ready; None if it was not seen."""
    for entry in entries:
        if entry.instance == instance and entry.event == "ready" and not entry.fault:
            return float(entry.details["seconds"])
    return None
