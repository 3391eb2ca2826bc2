"""A trace as rows of a waterfall: who called whom, when, how long, and what failed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from pharos.telemetry.model import Span, Trace

SAGA_STEP = "saga.step "
DATABASE = "db.system.name"


class Row(msgspec.Struct, frozen=True):
    """One span in place. `offset` and `share` are parts of the whole trace's time, from 0 to 1."""

    span: Span
    depth: int
    offset: float
    share: float
    orphan: bool
    """Whether its parent is missing."""

    @property
    def saga_step(self) -> bool:
        """Whether it is a step of a saga."""
        return self.span.name.startswith(SAGA_STEP)


def rows(trace: Trace, *, fold: bool = False) -> list[Row]:
    """The spans with each under its parent, siblings in order of their start; a cycle's spans come last.

    With `fold`, SQL statements in a row become one, as long as all of its statements together.
    """
    begin = trace.start_unix_nano
    whole = max(1, trace.end_unix_nano - begin)
    walked = list(_walk(trace.spans))
    return [
        Row(
            span,
            depth,
            (span.start_unix_nano - begin) / whole,
            span.duration_us * 1_000 / whole,
            orphan=depth == 0 and span.parent_span_id is not None,
        )
        for span, depth in (_folded(walked) if fold else walked)
    ]


def _folded(walked: Sequence[tuple[Span, int]]) -> Iterator[tuple[Span, int]]:
    for (_, depth, folds), group in groupby(walked, lambda one: (one[0].parent_span_id, one[1], _folds(one[0]))):
        spans = [span for span, _ in group]
        if folds and len(spans) > 1:
            together = sum(span.duration_us for span in spans)
            yield msgspec.structs.replace(spans[0], name=f"{len(spans)} statements", duration_us=together), depth
        else:
            yield from ((span, depth) for span in spans)


def _folds(span: Span) -> bool:
    return DATABASE in span.attributes and span.status != "error"


def _walk(spans: list[Span]) -> Iterator[tuple[Span, int]]:
    known = {span.span_id for span in spans}
    children: defaultdict[str | None, list[Span]] = defaultdict(list)
    for span in spans:
        children[span.parent_span_id if span.parent_span_id in known else None].append(span)
    seen: set[str] = set()
    for top in (*children[None], *spans):
        stack = [(top, 0)]
        while stack:
            span, depth = stack.pop()
            if span.span_id not in seen:
                seen.add(span.span_id)
                yield span, depth
                stack += [(child, depth + 1) for child in reversed(children[span.span_id])]


def duration_text(microseconds: int) -> str:
    """A duration for people: three digits and a unit."""
    if microseconds < 1_000:
        return f"{microseconds} µs"
    if microseconds < 1_000_000:
        return f"{microseconds / 1_000:.3g} ms" if microseconds < 999_500 else "1 s"
    return f"{microseconds / 1_000_000:.3g} s" if microseconds < 999_500_000 else f"{microseconds // 1_000_000} s"
