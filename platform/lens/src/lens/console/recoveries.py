"""What the supervisor decided, as the console shows it: searched, a page at a time, and each with its course. Pure."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from lens.console.journal import Entry, Journal
from lens.console.paging import cut

MENDED: Final = frozenset({"ready", "restored", "rolled-back"})
"""Events that say that all is well again."""
ENDS: Final = MENDED | {"resolved"}
"""Events that end a recovery."""
DUMPED: Final = "dumped"
LONGEST_COURSE: Final = 200


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; what is empty does not narrow.

    Attributes:
        start_ms: Unix time from which on; `end_ms`: up to which.
        ordinary: starts and stops without a fault, too.
    """

    service: str = ""
    fault: str = ""
    text: str = ""
    start_ms: float = 0.0
    end_ms: float = float("inf")
    ordinary: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in the list.

    Attributes:
        time_ms: Unix time.
        delay_seconds: until the process is started again; None where nothing is.
        recovered_seconds: from the fault until all was well again; None but at the end of a recovery.
        dump: whether this entry holds what the process was doing.
    """

    id: str
    time_ms: float
    event: str
    instance: str
    service: str
    owner: str
    fault: str
    action: str
    reason: str
    trace_id: str
    span_id: str
    delay_seconds: float | None
    recovered_seconds: float | None
    dump: bool


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Entries, newest first, and where to go on; None at the end.

    Attributes:
        total: how many match in all.
        unreadable: lines of the journal that are none.
        faults: every kind of fault in the journal, whatever is searched for.
    """

    items: list[Row]
    next_cursor: str | None
    total: int
    unreadable: int
    faults: list[str]


class Recovery(msgspec.Struct, frozen=True):
    """An entry with its details, and all entries of the same recovery, oldest first."""

    entry: Row
    details: dict[str, Any]
    course: list[Row]
    dump: dict[str, Any]


class Summary(msgspec.Struct, frozen=True):
    """How often a part was healed in some time, and what was last decided about it."""

    service: str
    recoveries: int
    last: Row


def page_of(journal: Journal, search: Search, limit: int, cursor: str | None) -> Page:
    """A page of what matches; raises CursorError."""
    found = [entry for entry in journal.entries if _matches(entry, search)]
    shown, following = cut(found, limit, cursor)
    return Page(
        items=[row(entry) for entry in shown],
        next_cursor=following,
        total=len(found),
        unreadable=journal.unreadable,
        faults=sorted({entry.fault for entry in journal.entries if entry.fault}),
    )


def recovery_of(journal: Journal, entry_id: str) -> Recovery | None:
    """An entry with its recovery, or None if it is not kept."""
    entry = next((one for one in journal.entries if one.id == entry_id), None)
    if entry is None:
        return None
    course = course_of(journal.entries, entry)
    dump = next((one.details for one in course if one.event == DUMPED), {})
    return Recovery(row(entry), entry.details, [row(one) for one in course], dump)


def course_of(entries: Sequence[Entry], entry: Entry) -> list[Entry]:
    """The entries of the recovery that this one belongs to, oldest first; of ordinary life, itself only.

    A recovery is what was written of one replica, or of one part, and one fault, up to the entry that ends it.
    """
    if not entry.fault:
        return [entry]
    course: list[Entry] = []
    for one in reversed(entries):
        if _about(one) != _about(entry):
            continue
        course.append(one)
        if one.event in ENDS:
            if entry in course:
                break
            course = []
    return course[-LONGEST_COURSE:]


def summaries_of(journal: Journal, since_ms: float) -> list[Summary]:
    """For each part with a fault since then: how often it was healed, and what was last decided. By name."""
    found: dict[str, list[Entry]] = {}
    for entry in journal.entries:
        if entry.fault and entry.service and entry.time * 1000 >= since_ms:
            found.setdefault(entry.service, []).append(entry)
    return [
        Summary(service, sum(_mended(entry) for entry in entries), row(entries[0]))
        for service, entries in sorted(found.items())
    ]


def row(entry: Entry) -> Row:
    """An entry as the list shows it."""
    return Row(
        id=entry.id, time_ms=entry.time * 1000, event=entry.event, instance=entry.instance, service=entry.service,
        owner=entry.owner, fault=entry.fault, action=entry.action, reason=entry.reason, trace_id=entry.trace_id,
        span_id=entry.span_id, delay_seconds=_number(entry.details.get("after")),
        recovered_seconds=_number(entry.details.get("seconds")) if _mended(entry) else None,
        dump=entry.event == DUMPED,
    )  # fmt: skip


def _about(entry: Entry) -> tuple[str, str, str]:
    """What the entries of one recovery have in common; what is about a whole part has no instance."""
    return entry.service, entry.instance, entry.fault


def _matches(entry: Entry, search: Search) -> bool:
    return (
        (search.ordinary or entry.fault != "")
        and search.service in {"", entry.service}
        and search.fault in {"", entry.fault}
        and search.start_ms <= entry.time * 1000 <= search.end_ms
        and search.text.lower() in f"{entry.instance} {entry.event} {entry.action} {entry.reason}".lower()
    )


def _mended(entry: Entry) -> bool:
    return entry.fault != "" and entry.event in MENDED


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
