"""Lists of traces and whole traces in OTLP JSON."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import LensProcess, attributes, new_span_id, new_trace_id, span, traces
from lens.store import schema

BEGIN_MS = 1_700_000_000_000


def at(start_ms: float, duration_ms: float = 1) -> dict[str, str]:
    begin = round((BEGIN_MS + start_ms) * 1_000_000)
    return {"startTimeUnixNano": str(begin), "endTimeUnixNano": str(begin + round(duration_ms * 1_000_000))}


def found(lens: LensProcess, **search: Any) -> list[str]:
    answer = lens.get("/api/console/traces", **search)
    assert answer.status == 200, answer.body
    return [trace["trace_id"] for trace in answer.json["traces"]]


def test_a_summary_is_of_the_whole_trace_with_its_roots_name(start_lens: Callable[..., LensProcess]) -> None:
    lens, trace_id, root = start_lens(), new_trace_id(), new_span_id()
    failed = span(trace_id, new_span_id(), root, name="charge", status={"code": 2}, **at(5, 30))
    late = span(trace_id, new_span_id(), root, name="mail", **at(90, 10))
    lens.post_json("traces", traces("back", failed, late))
    lens.post_json("traces", traces("front", span(trace_id, root, attributes={"correlation.id": "c-1"}, **at(0, 20))))

    (summary,) = lens.get("/api/console/traces").json["traces"]

    assert summary == {
        "trace_id": trace_id,
        "correlation_id": "c-1",
        "service": "front",
        "name": "GET /things",
        "start_unix_ms": BEGIN_MS,
        "duration_ms": 100.0,
        "spans": 3,
        "errors": 1,
        "services": [{"name": "front", "spans": 1}, {"name": "back", "spans": 2}],
    }


def test_a_trace_without_its_root_is_named_by_its_first_span(start_lens: Callable[..., LensProcess]) -> None:
    lens, trace_id = start_lens(), new_trace_id()
    orphans = [span(trace_id, new_span_id(), new_span_id(), name=name, **at(ms)) for name, ms in (("b", 2), ("a", 1))]
    lens.post_json("traces", traces("back", *orphans))

    (summary,) = lens.get("/api/console/traces").json["traces"]

    assert (summary["service"], summary["name"], summary["correlation_id"]) == ("back", "a", "")


@pytest.fixture
def two_traces(start_lens: Callable[..., LensProcess]) -> tuple[LensProcess, str, str]:
    """A lens with two traces of `front`, in the first of which `back` failed."""
    lens, one, two = start_lens(), new_trace_id(), new_trace_id()
    ids = {"correlation.id": "same-id", "order.id": "o-1"}
    first = span(one, new_span_id(), name="POST /things", attributes={**ids, "card": "x", "tries": 3}, **at(0, 50))
    second = span(two, new_span_id(), name="GET /things", attributes={"correlation.id": "same-id"}, **at(1_000, 5))
    failed = span(one, new_span_id(), name="SELECT", status={"code": 2}, attributes={"thread.id": 7}, **at(1, 1))
    lens.post_json("traces", traces("front", first, second))
    lens.post_json("traces", traces("back", failed, **{"service.instance.id": "back-1", "host": 'a "b"'}))
    return lens, one, two


def test_traces_are_found_by_service_operation_time_and_failure(two_traces: tuple[LensProcess, str, str]) -> None:
    lens, one, two = two_traces

    assert found(lens) == [two, one]
    assert found(lens, limit=1) == [two]
    assert found(lens, service="front") == [two, one]
    assert found(lens, service="back") == [one]
    assert found(lens, service="nobody") == []
    assert found(lens, operation="GET /things") == [two]
    assert found(lens, service="back", operation="GET /things") == []
    assert found(lens, errors=1) == [one]
    assert found(lens, min_ms=20) == [one]
    assert found(lens, max_ms=20) == [two]
    assert found(lens, min_ms=20, max_ms=30) == []
    assert found(lens, start_ms=BEGIN_MS + 500) == [two]
    assert found(lens, end_ms=BEGIN_MS + 500) == [one]


def test_traces_are_found_by_what_one_of_their_spans_carries(two_traces: tuple[LensProcess, str, str]) -> None:
    lens, one, two = two_traces

    assert found(lens, tag="card=x") == [one]
    assert found(lens, tag="tries=3", service="front") == [one]
    assert found(lens, tag="card=x", service="back") == []
    assert found(lens, tag="card=y") == []
    assert found(lens, tag=["order.id=o-1", "card=x"]) == [one]
    assert found(lens, tag="service.instance.id=back-1") == [one]
    assert found(lens, tag="service.instance.id=back-2") == []
    assert found(lens, tag='host=a "b"') == [one]
    assert found(lens, tag="thread.id=7") == [one]
    assert found(lens, tag=["error=true", "span.kind=server"]) == [one]
    assert found(lens, tag="correlation.id=same-id") == [two, one]


def test_traces_are_found_by_an_id_or_a_part_of_a_name(two_traces: tuple[LensProcess, str, str]) -> None:
    lens, one, two = two_traces

    assert found(lens, text="same-id") == [two, one]
    assert found(lens, text="o-1") == [one]
    assert found(lens, text=one) == found(lens, text=one.upper()) == [one]
    assert found(lens, text="post /th") == [one]
    assert found(lens, text="THINGS") == [two, one]
    assert found(lens, text="nothing of the kind") == []
    assert found(lens, text="things", errors=1) == [one]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"min_ms": "a"}, "min_ms"),
        ({"start_ms": "-1"}, "start_ms"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1e3"}, "limit"),
        ({"errors": "yes"}, "errors"),
        ({"tag": "card"}, "tag"),
    ],
)
def test_a_parameter_that_cannot_be_understood_is_named(
    lens: LensProcess, parameters: dict[str, str], field: str
) -> None:
    answer = lens.get("/api/console/traces", **parameters)

    assert answer.status == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_a_whole_trace_is_otlp_json_as_viewers_read_it(lens: LensProcess) -> None:
    trace_id, root, child = new_trace_id(), new_span_id(), new_span_id()
    values = {"text": "a", "whole": 2**60, "real": 0.5, "yes": True, "list": ["a", "b"]}
    event = {"timeUnixNano": "1700000000000000005", "name": "exception", "attributes": attributes({"a": "b"})}
    linked = {"traceId": new_trace_id(), "spanId": new_span_id(), "attributes": []}
    lens.post_json(
        "traces",
        traces(
            "front",
            span(trace_id, root, attributes=values, events=[event], links=[linked], **at(0, 5)),
            span(trace_id, child, root, kind=3, status={"code": 2, "message": "no"}, **at(1)),
            **{"service.instance.id": "front-1"},
        ),
    )

    answer = lens.get(f"/api/otlp/traces/{trace_id}")

    (group,) = answer.json["resourceSpans"]
    assert group["resource"]["attributes"] == attributes({"service.name": "front", "service.instance.id": "front-1"})
    (scoped,) = group["scopeSpans"]
    first, second = scoped["spans"]
    assert first == {
        "traceId": trace_id,
        "spanId": root,
        "name": "GET /things",
        "kind": "SPAN_KIND_SERVER",
        **at(0, 5),
        "attributes": attributes(values),
        "events": [event],
        "links": [linked],
        "status": {},
    }
    assert (second["parentSpanId"], second["kind"]) == (root, "SPAN_KIND_CLIENT")
    assert second["status"] == {"code": "STATUS_CODE_ERROR", "message": "no"}


def test_an_unknown_trace_is_a_problem(lens: LensProcess) -> None:
    assert lens.get(f"/api/otlp/traces/{new_trace_id()}").json["reason"] == "trace-unknown"
    assert lens.get("/api/otlp/traces/zz").status == 422


def test_a_database_of_the_first_version_is_brought_up_with_the_times_of_its_traces(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as old:
        old.executescript(f"{schema.MIGRATIONS[0]} PRAGMA user_version = 1;")
        old.execute("INSERT INTO trace (id, trace_id, arrived_ns) VALUES (1, x'01', 5), (2, x'02', 6)")
        insert = "INSERT INTO span VALUES (1, ?, NULL, 1, 1, ?, ?, 0, x'7b7d')"
        old.executemany(insert, [(b"a", 100, 50), (b"b", 120, 5), (b"c", 90, 10)])

    connection = schema.open_writer(path)

    assert connection.execute("SELECT id, start_ns, end_ns FROM trace").fetchall() == [(1, 90, 150), (2, 0, 0)]
    connection.close()
