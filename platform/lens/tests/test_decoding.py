"""Both encodings mean the same, and no input breaks a decoder."""

import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from lens.otlp import from_json, from_protobuf
from lens.otlp.body import inflate
from lens.otlp.errors import MalformedError, OtlpError

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
int64 = st.integers(-(2**63), 2**63 - 1)
plain = st.one_of(text, st.booleans(), int64, st.floats())
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=6
)
times = st.integers(1, 2**63 - 1)


@st.composite
def spans(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "trace_id": draw(st.binary(min_size=16, max_size=16)),
        "span_id": draw(st.binary(min_size=8, max_size=8)),
        "parent_id": draw(st.sampled_from([b"", b"\x07" * 8])),
        "name": draw(text),
        "kind": draw(st.integers(0, 5)),
        "start": draw(times),
        "end": draw(times),
        "attributes": draw(st.dictionaries(text, values, max_size=4)),
        "code": draw(st.integers(0, 2)),
    }


def as_json(value: Any) -> dict[str, Any]:
    match value:
        case str():
            return {"stringValue": value}
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value if math.isfinite(value) else str(value)}
        case list():
            return {"arrayValue": {"values": [as_json(item) for item in value]}}
    return {"kvlistValue": {"values": [{"key": k, "value": as_json(v)} for k, v in value.items()]}}


def as_protobuf(value: Any) -> AnyValue:
    match value:
        case str():
            return AnyValue(string_value=value)
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[as_protobuf(item) for item in value]))
    pairs = [KeyValue(key=k, value=as_protobuf(v)) for k, v in value.items()]
    return AnyValue(kvlist_value=KeyValueList(values=pairs))


@given(spans())
def test_a_span_means_the_same_in_both_encodings(span: dict[str, Any]) -> None:
    document = {
        "traceId": span["trace_id"].hex(),
        "spanId": span["span_id"].hex().upper(),
        "parentSpanId": span["parent_id"].hex(),
        "name": span["name"],
        "kind": span["kind"],
        "startTimeUnixNano": str(span["start"]),
        "endTimeUnixNano": span["end"],
        "attributes": [{"key": k, "value": as_json(v)} for k, v in span["attributes"].items()],
        "status": {"code": span["code"]},
        "unknownField": [1],
    }
    message = ExportTraceServiceRequest()
    one = (
        message.resource_spans.add()
        .scope_spans.add()
        .spans.add(
            trace_id=span["trace_id"], span_id=span["span_id"], parent_span_id=span["parent_id"], name=span["name"]
        )
    )
    one.kind, one.start_time_unix_nano, one.end_time_unix_nano = span["kind"], span["start"], span["end"]
    one.attributes.extend(KeyValue(key=k, value=as_protobuf(v)) for k, v in span["attributes"].items())
    one.status.code = span["code"]

    by_json = from_json.traces(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [document]}]}]}).encode())
    by_protobuf = from_protobuf.traces(message.SerializeToString())

    assert by_json == by_protobuf
    assert len(by_json) + by_json.rejected == 1


@given(st.binary(max_size=200))
def test_no_bytes_break_a_decoder(body: bytes) -> None:
    for decode in (from_json.traces, from_json.logs, from_protobuf.traces, from_protobuf.logs):
        with contextlib.suppress(MalformedError):
            decode(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["resourceSpans", "scopeSpans", "spans", "resourceLogs", "scopeLogs", "logRecords", "traceId",
                         "attributes", "key", "value", "stringValue", "arrayValue", "body", "timeUnixNano"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_no_json_breaks_a_decoder(document: Any) -> None:
    for decode in (from_json.traces, from_json.logs):
        with contextlib.suppress(MalformedError):
            decode(json.dumps(document).encode())


@pytest.mark.parametrize("depth", [500, 20_000])
def test_deep_nesting_is_refused_or_kept_but_never_a_crash(depth: int) -> None:
    nested = '{"arrayValue":{"values":[' * depth + "]}}" * depth
    line = f'{{"timeUnixNano":"1","body":{nested}}}'
    body = f'{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{line}]}}]}}]}}'

    with contextlib.suppress(MalformedError):
        assert len(from_json.logs(body.encode())) == 1


@given(st.binary(max_size=100))
def test_no_bytes_break_inflating(body: bytes) -> None:
    with contextlib.suppress(OtlpError):
        assert len(inflate(body, "gzip", 1_000)) <= 1_000


def test_a_log_line_takes_its_level_and_time_from_what_there_is() -> None:
    message = ExportLogsServiceRequest()
    records = message.resource_logs.add().scope_logs.add().log_records
    records.add(observed_time_unix_nano=5, severity_number=13)
    records.add(severity_text="NOTICE", time_unix_nano=7, observed_time_unix_nano=5)

    lines = from_protobuf.logs(message.SerializeToString()).logs

    assert [(line.time_ns, line.level) for line in lines] == [(5, "WARN"), (7, "NOTICE")]
