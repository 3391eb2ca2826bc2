import contextlib
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import LensProcess, new_span_id, new_trace_id, span, traces
from lens.jaeger.query import QueryError, duration_ns, parse_search, parse_trace_id

START_US = 1_700_000_000_000_000


def at(offset_us: int, duration_us: int = 1_000) -> dict[str, str]:
    begin = (START_US + offset_us) * 1_000
    return {"startTimeUnixNano": str(begin), "endTimeUnixNano": str(begin + duration_us * 1_000)}


def search(lens: LensProcess, service: str, **parameters: Any) -> list[str]:
    """Trace ids found around the fixed time of these tests."""
    window = {"start": START_US - 10**6, "end": START_US + 10**9}
    answer = lens.get("/api/traces", service=service, **(window | parameters))
    assert answer.status == 200, answer.body
    return [found["traceID"] for found in answer.json["data"]]


def test_a_trace_has_jaegers_shape(lens: LensProcess, service: str) -> None:
    trace_id, root, child = new_trace_id(), new_span_id(), new_span_id()
    first, second = span(trace_id, root, **at(0, 10_000)), span(trace_id, child, root, **at(5))
    lens.post_json("traces", traces(service, first, second, **{"service.instance.id": "i-1"}))

    document = lens.get(f"/api/traces/{trace_id}").json

    (found,) = document.pop("data")
    assert document == {"total": 0, "limit": 0, "offset": 0, "errors": None}
    assert found["traceID"] == trace_id
    assert found["processes"] == {
        "p1": {"serviceName": service, "tags": [{"key": "service.instance.id", "type": "string", "value": "i-1"}]}
    }
    assert found["spans"][1] == {
        "traceID": trace_id,
        "spanID": child,
        "operationName": "GET /things",
        "references": [{"refType": "CHILD_OF", "traceID": trace_id, "spanID": root}],
        "startTime": START_US + 5,
        "duration": 1_000,
        "tags": [{"key": "span.kind", "type": "string", "value": "server"}],
        "logs": [],
        "processID": "p1",
        "warnings": None,
    }


def test_attributes_become_typed_tags(lens: LensProcess, service: str) -> None:
    trace_id = new_trace_id()
    values = {"text": "a", "whole": 5, "large": 2**60, "real": 1.0, "yes": True, "list": ["a", "b"]}
    failed = {"code": 2, "message": "no"}
    lens.post_json("traces", traces(service, span(trace_id, new_span_id(), attributes=values, status=failed)))

    (found,) = lens.get(f"/api/traces/{trace_id}").json["data"]

    assert found["spans"][0]["tags"] == [
        {"key": "text", "type": "string", "value": "a"},
        {"key": "whole", "type": "int64", "value": 5},
        {"key": "large", "type": "int64", "value": str(2**60)},
        {"key": "real", "type": "float64", "value": 1.0},
        {"key": "yes", "type": "bool", "value": True},
        {"key": "list", "type": "string", "value": '["a","b"]'},
        {"key": "span.kind", "type": "string", "value": "server"},
        {"key": "otel.status_code", "type": "string", "value": "ERROR"},
        {"key": "error", "type": "bool", "value": True},
        {"key": "otel.status_description", "type": "string", "value": "no"},
    ]


def test_a_search_is_fulfilled_by_one_span(lens: LensProcess, service: str) -> None:
    one, two = new_trace_id(), new_trace_id()
    tags_one, tags_two = {"order.id": "o-1", "card": "x"}, {"order.id": "o-1", "card": "y"}
    lens.post_json(
        "traces",
        traces(
            service,
            span(one, new_span_id(), name="POST /orders", attributes=tags_one, **at(0, 50_000)),
            span(one, new_span_id(), name="SELECT", attributes={"card": "y"}, **at(1, 10)),
            span(two, new_span_id(), name="GET /orders", attributes=tags_two, **at(1_000, 2_000_000)),
        ),
    )

    def tags(**values: str) -> str:
        return json.dumps({key.replace("_", "."): value for key, value in values.items()})

    assert search(lens, service) == [two, one]
    assert search(lens, service, limit=1) == [two]
    assert search(lens, f"{service}-other") == []
    assert search(lens, service, operation="POST /orders") == [one]
    assert search(lens, service, tags=tags(order_id="o-1")) == [two, one]
    assert search(lens, service, tags=tags(order_id="o-1", card="y")) == [two]
    assert search(lens, service, tags=tags(card="y")) == [two, one]
    assert search(lens, service, tag=["order.id:o-1", "card:x"]) == [one]
    assert search(lens, service, tags=tags(span_kind="server"), operation="SELECT") == [one]
    assert search(lens, service, tags=tags(order_id="o-2")) == []
    assert search(lens, service, minDuration="1s") == [two]
    assert search(lens, service, maxDuration="20us") == [one]
    assert search(lens, service, minDuration="40ms", maxDuration="1.5s") == [one]
    assert search(lens, service, start=START_US + 500) == [two]
    assert search(lens, service, end=START_US + 500) == [one]
    assert {found["traceID"] for found in lens.get("/api/traces", traceID=[one, two]).json["data"]} == {one, two}


def test_services_and_operations_are_listed(lens: LensProcess, service: str) -> None:
    trace_id = new_trace_id()
    spans = [span(trace_id, new_span_id(), name="GET /", kind=2), span(trace_id, new_span_id(), name="GET /", kind=3)]
    lens.post_json("traces", traces(service, *spans))

    assert service in lens.get("/api/services").json["data"]
    assert lens.get(f"/api/services/{service}/operations").json["data"] == ["GET /"]
    operations = lens.get("/api/operations", service=service).json
    assert operations["total"] == 2
    assert operations["data"][0] == {"name": "GET /", "spanKind": "server"}
    assert lens.get("/api/operations", service=service, spanKind="client").json["data"] == [
        {"name": "GET /", "spanKind": "client"}
    ]


def test_an_unknown_trace_is_jaegers_404(lens: LensProcess) -> None:
    answer = lens.get(f"/api/traces/{new_trace_id()}")

    assert answer.status == 404
    assert answer.json == {
        "data": None, "total": 0, "limit": 0, "offset": 0, "errors": [{"code": 404, "msg": "trace not found"}],
    }  # fmt: skip
    by_parameter = lens.get("/api/traces", traceID="abc").json
    assert by_parameter["data"] == []
    assert by_parameter["errors"] == [{"msg": "trace not found", "traceID": "abc".zfill(32)}]


def test_a_short_trace_id_is_padded(lens: LensProcess, service: str) -> None:
    trace_id = "0000000000000000" + new_span_id()
    lens.post_json("traces", traces(service, span(trace_id, new_span_id())))

    assert lens.get(f"/api/traces/{trace_id[16:]}").status == 200


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "parameter 'service' is required"),
        ({"service": "a", "start": "yesterday"}, "param 'start'"),
        ({"service": "a", "limit": "0"}, "param 'limit'"),
        ({"service": "a", "minDuration": "5"}, "param 'minDuration'"),
        ({"service": "a", "minDuration": "2s", "maxDuration": "1s"}, "greater than"),
        ({"service": "a", "tags": "{"}, "malformed 'tags'"),
        ({"service": "a", "tags": '{"a":1}'}, "malformed 'tags'"),
        ({"service": "a", "tag": "x"}, "malformed 'tag'"),
        ({"traceID": "zz"}, "not up to 32 hex digits"),
    ],
)
def test_a_bad_parameter_is_named(lens: LensProcess, parameters: dict[str, str], message: str) -> None:
    answer = lens.get("/api/traces", **parameters) if parameters else lens.get("/api/traces")

    assert answer.status == 400
    assert answer.json["errors"][0]["code"] == 400
    assert message in answer.json["errors"][0]["msg"]


units = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3_600 * 10**9}


@given(
    st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 999), st.sampled_from(sorted(units))), min_size=1, max_size=4
    )
)
def test_every_duration_of_go_is_understood(parts: list[tuple[int, int, str]]) -> None:
    written = "".join(f"{whole}.{fraction:03d}{unit}" for whole, fraction, unit in parts)
    exact = sum(Fraction(whole * 1_000 + fraction, 1_000) * units[unit] for whole, fraction, unit in parts)

    assert duration_ns(written, "minDuration", 0) == int(exact)


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=40))
def test_no_parameter_breaks_the_search(start: str, limit: str, duration: str, tags: str) -> None:
    given_values = {"service": ["a"], "start": [start], "limit": [limit], "minDuration": [duration], "tags": [tags]}
    with contextlib.suppress(QueryError):
        found = parse_search(lambda name: given_values.get(name, []))
        assert 1 <= found.limit <= 1_500
        parse_trace_id(start)
