import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.telemetry.model import Span, Trace, is_complete
from pharos.telemetry.waterfall import DATABASE, duration_text, rows


def span(span_id: str, parent: str | None, start: int = 0, duration_us: int = 1) -> Span:
    return Span(span_id, parent, "orders", "work", "internal", start, duration_us, "unset", {})


ids = st.sampled_from("abcdefgh")
traces = st.lists(st.builds(span, ids, st.none() | ids, st.integers(0, 10**12), st.integers(0, 10**9)), max_size=8).map(
    lambda spans: Trace.of("t", spans)
)


@given(traces)
def test_every_span_is_one_row_inside_the_whole_whatever_its_parents_say(trace: Trace) -> None:
    listed = rows(trace)

    assert sorted(row.span.span_id for row in listed) == sorted(span.span_id for span in trace.spans)
    assert all(0 <= row.offset <= 1 and row.offset + row.share <= 1.001 for row in listed)


def statement(span_id: str, start: int, status: str = "unset") -> Span:
    return Span(span_id, "a", "orders", "SELECT orders", "client", start, 3, status, {DATABASE: "postgresql"})


def test_statements_in_a_row_fold_into_one_line_and_a_failed_one_stands_alone() -> None:
    trace = Trace.of(
        "t",
        [
            span("a", None, 0, 100),
            statement("b", 1_000),
            statement("c", 2_000),
            span("d", "a", 3_000),
            statement("e", 4_000),
            statement("f", 5_000, "error"),
        ],
    )

    folded = [(row.span.name, row.span.duration_us) for row in rows(trace, fold=True)]

    assert folded == [("work", 100), ("2 statements", 6), ("work", 1), ("SELECT orders", 3), ("SELECT orders", 3)]
    assert len(rows(trace)) == 6


@given(traces)
def test_a_complete_trace_is_one_tree_or_has_a_cycle_beside_it(trace: Trace) -> None:
    if trace.complete:
        assert sum(span.parent_span_id is None for span in trace.spans) == 1
        assert not any(
            row.orphan and row.span.parent_span_id not in {s.span_id for s in trace.spans} for row in rows(trace)
        )


@pytest.mark.parametrize(
    ("spans", "complete"),
    [
        ([], False),
        ([span("a", None)], True),
        ([span("a", None), span("b", "a")], True),
        ([span("a", None), span("b", None)], False),
        ([span("a", None), span("b", "x")], False),
        ([span("b", "a")], False),
    ],
)
def test_complete_means_one_root_and_no_missing_parent(spans: list[Span], complete: bool) -> None:
    assert is_complete(spans) == complete


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [(0, "0 µs"), (999, "999 µs"), (1_000, "1 ms"), (12_345, "12.3 ms"), (999_600, "1 s"), (2_500_000, "2.5 s"),
     (1_234_000_000, "1234 s")],
)  # fmt: skip
def test_durations_are_short(microseconds: int, text: str) -> None:
    assert duration_text(microseconds) == text
