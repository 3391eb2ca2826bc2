"""Verdicts on chaos experiments: a JSON document each, in files whose names sort by the time that a run began."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from lens.console.paging import cut

_TRACE: Final = re.compile(r"/trace/([0-9a-f]{32})$")
_OWN_TRACE: Final = "trace"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One run, as the file has it, and its names.

    Attributes:
        id: names the file.
        trace_id: of the trace in which the run was told of; empty without one.
        began: Unix time, seconds, as are `struck` and `lifted`: when the fault began and ended.
        measured: the figures of the run; which there are is between those who measure and the page.
    """

    id: str = ""
    trace_id: str = ""
    experiment: str
    title: str = ""
    fault: str = ""
    target: str = ""
    mode: str = ""
    seed: int = 0
    began: float
    struck: float | None = None
    lifted: float | None = None
    seconds: float
    passed: bool
    findings: list[str] = []
    measured: dict[str, Any]
    cold_start_seconds: float | None = None
    failures: dict[str, int] = {}
    failed_trace_ids: list[str] = []
    links: dict[str, str] = {}


class Verdicts(NamedTuple):
    """All that are kept, newest first, and how many files could not be understood."""

    verdicts: list[Verdict]
    unreadable: int


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Which verdicts are wanted; what is empty does not narrow. A run counts to the time at which it began."""

    experiment: str = ""
    target: str = ""
    failed: bool = False
    start_ms: float = 0.0
    end_ms: float = float("inf")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts, newest first, and where to go on; None at the end. `experiments` are all that were ever run."""

    items: list[Verdict]
    next_cursor: str | None
    total: int
    unreadable: int
    experiments: list[str]


_decode: Final = msgspec.json.Decoder(Verdict).decode


def read_verdicts(folder: Path | None) -> Verdicts:
    """Every verdict of a folder; none where there is no folder.

    Raises:
        OSError: a file is there and cannot be read.
    """
    files = sorted(folder.glob("*.json"), reverse=True) if folder else []
    read = [_read(file, file.stat().st_mtime_ns) for file in files]
    found = [verdict for verdict in read if verdict]
    return Verdicts(found, len(read) - len(found))


def page_of(known: Verdicts, search: Search, limit: int, cursor: str | None) -> Page:
    """A page of what matches; raises CursorError."""
    found = [verdict for verdict in known.verdicts if _matches(verdict, search)]
    shown, following = cut(found, limit, cursor)
    return Page(
        items=shown,
        next_cursor=following,
        total=len(found),
        unreadable=known.unreadable,
        experiments=sorted({verdict.experiment for verdict in known.verdicts}),
    )


def _matches(verdict: Verdict, search: Search) -> bool:
    return (
        search.experiment in {"", verdict.experiment}
        and search.target in {"", verdict.target}
        and not (search.failed and verdict.passed)
        and search.start_ms <= verdict.began * 1000 <= search.end_ms
    )


@lru_cache(2048)
def _read(file: Path, _changed_ns: int) -> Verdict | None:
    try:
        verdict = _decode(file.read_bytes())
    except msgspec.DecodeError:
        return None
    own = _TRACE.search(verdict.links.get(_OWN_TRACE, ""))
    return msgspec.structs.replace(verdict, id=file.stem, trace_id=own[1] if own else "")
