import gzip
import zlib

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue

from conftest import LensProcess, line, logs, new_span_id, new_trace_id, span, traces

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}


def protobuf_request(service: str, trace_id: bytes, span_id: bytes) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.append(KeyValue(key="service.name", value=AnyValue(string_value=service)))
    one = group.scope_spans.add().spans.add(trace_id=trace_id, span_id=span_id, name="work", kind=3)
    one.start_time_unix_nano, one.end_time_unix_nano = 1_700_000_000_000_000_000, 1_700_000_000_250_000_000
    one.status.code, one.status.message = 2, "broken"
    names = AnyValue(array_value=ArrayValue(values=[AnyValue(string_value="a"), AnyValue(int_value=2)]))
    one.attributes.append(KeyValue(key="names", value=names))
    one.attributes.append(KeyValue(key="raw", value=AnyValue(bytes_value=b"\x00\xff")))
    one.events.add(name="exception", time_unix_nano=1_700_000_000_100_000_000)
    one.links.add(trace_id=b"\x01" * 16, span_id=b"\x02" * 8)
    return request


def test_a_protobuf_span_is_answered_in_protobuf_and_kept_whole(lens: LensProcess, service: str) -> None:
    trace_id = new_trace_id()
    request = protobuf_request(service, bytes.fromhex(trace_id), b"\x03" * 8)

    answer = lens.send("POST", "/v1/traces", request.SerializeToString(), PROTOBUF)

    assert (answer.status, answer.headers["content-type"]) == (200, "application/x-protobuf")
    assert ExportTraceServiceResponse.FromString(answer.body) == ExportTraceServiceResponse()
    stored = lens.get(f"/api/traces/{trace_id}").json["data"][0]["spans"][0]
    assert {"refType": "FOLLOWS_FROM", "traceID": "01" * 16, "spanID": "02" * 8} in stored["references"]
    assert {"key": "names", "type": "string", "value": '["a",2]'} in stored["tags"]
    assert {"key": "raw", "type": "binary", "value": "AP8="} in stored["tags"]
    assert {"key": "error", "type": "bool", "value": True} in stored["tags"]
    assert stored["logs"][0]["fields"][0] == {"key": "event", "type": "string", "value": "exception"}
    assert stored["duration"] == 250_000


def test_gzip_is_understood_in_both_encodings(lens: LensProcess, service: str) -> None:
    trace_id, other = new_trace_id(), new_trace_id()
    body = gzip.compress(str(traces(service, span(trace_id, new_span_id()))).replace("'", '"').encode())
    packed = gzip.compress(protobuf_request(service, bytes.fromhex(other), b"\x03" * 8).SerializeToString())

    assert lens.send("POST", "/v1/traces", body, JSON | {"Content-Encoding": "gzip"}).status == 200
    assert lens.send("POST", "/v1/traces", packed, PROTOBUF | {"Content-Encoding": "gzip"}).status == 200

    assert lens.get(f"/api/traces/{trace_id}").status == lens.get(f"/api/traces/{other}").status == 200


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (JSON, b"{", 400),
        (JSON, b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":5}]}]}]}', 400),
        (JSON, b'{"resourceSpans":"' + b"[" * 50_000, 400),
        (PROTOBUF, b"\xff\xff\xff", 400),
        (JSON | {"Content-Encoding": "gzip"}, b"not gzip", 400),
        (JSON | {"Content-Encoding": "gzip"}, gzip.compress(b"{}" * 500)[:-9], 400),
        (JSON | {"Content-Encoding": "br"}, b"{}", 415),
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({}, b"{}", 415),
    ],
)
@pytest.mark.parametrize("signal", ["traces", "logs"])
def test_what_cannot_be_read_is_refused_with_a_status(
    lens: LensProcess, signal: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    body = body.replace(b"Spans", b"Logs").replace(b"spans", b"logRecords") if signal == "logs" else body

    answer = lens.send("POST", f"/v1/{signal}", body, headers)

    assert answer.status == status
    assert answer.headers["content-type"] == ("application/x-protobuf" if headers == PROTOBUF else "application/json")
    if answer.headers["content-type"] == "application/json":
        assert answer.json["code"] == 3
        assert answer.json["message"]


def test_a_refusal_in_protobuf_is_a_google_rpc_status(lens: LensProcess) -> None:
    answer = lens.send("POST", "/v1/traces", b"\xff\xff\xff", PROTOBUF)

    assert answer.body[:3] == bytes([0x08, 3, 0x12])
    assert b"not an OTLP protobuf traces request" in answer.body


@pytest.mark.parametrize("packed", [False, True])
def test_an_oversized_request_is_answered_413(lens: LensProcess, packed: bool) -> None:
    body = b" " * (17 * 1024 * 1024)
    headers = JSON | ({"Content-Encoding": "gzip"} if packed else {})

    answer = lens.send("POST", "/v1/traces", zlib.compress(body, wbits=31) if packed else body, headers)

    assert answer.status == 413
    assert "smaller batches" in answer.json["message"]


def test_valid_spans_beside_invalid_ones_are_kept_and_the_others_counted(lens: LensProcess, service: str) -> None:
    trace_id = new_trace_id()
    spans = [span(trace_id, new_span_id()), span("00" * 16, new_span_id()), span(trace_id, "xyz")]

    answer = lens.post_json("traces", traces(service, *spans))

    assert answer.status == 200
    assert answer.json["partialSuccess"]["rejectedSpans"] == "2"
    assert "trace_id" in answer.json["partialSuccess"]["errorMessage"]
    assert len(lens.get(f"/api/traces/{trace_id}").json["data"][0]["spans"]) == 1


def test_a_span_sent_again_replaces_itself(lens: LensProcess, service: str) -> None:
    trace_id, span_id = new_trace_id(), new_span_id()

    for name in ("first", "second", "second"):
        assert lens.post_json("traces", traces(service, span(trace_id, span_id, name=name))).status == 200

    spans = lens.get(f"/api/traces/{trace_id}").json["data"][0]["spans"]
    assert [stored["operationName"] for stored in spans] == ["second"]


def test_late_and_unordered_spans_join_their_trace(lens: LensProcess, service: str) -> None:
    trace_id, root = new_trace_id(), new_span_id()
    child = span(trace_id, new_span_id(), root, startTimeUnixNano="1700000000500000000", endTimeUnixNano="0")

    lens.post_json("traces", traces(service, child))
    lens.post_json("traces", traces(f"{service}-b", span(trace_id, root, startTimeUnixNano="1700000000000000000")))

    found = lens.get(f"/api/traces/{trace_id}").json["data"][0]
    assert found["spans"][0]["spanID"] == root
    assert found["spans"][1]["references"] == [{"refType": "CHILD_OF", "traceID": trace_id, "spanID": root}]
    assert found["spans"][1]["duration"] == 0
    assert {process["serviceName"] for process in found["processes"].values()} == {service, f"{service}-b"}


def test_a_log_line_sent_again_is_one_line(lens: LensProcess, service: str) -> None:
    document = logs(service, line("hello", 1_700_000_000_000_000_001), line("hello", 1_700_000_000_000_000_002))

    for _ in range(2):
        assert lens.post_json("logs", document).status == 200

    answer = lens.get("/loki/api/v1/query_range", query=f'{{service_name="{service}"}}', start=1_700_000_000)
    assert [value for stream in answer.json["data"]["result"] for value in stream["values"]] == [
        ["1700000000000000002", "hello"],
        ["1700000000000000001", "hello"],
    ]


def test_protobuf_logs_are_kept(lens: LensProcess, service: str) -> None:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.append(KeyValue(key="service.name", value=AnyValue(string_value=service)))
    record = group.scope_logs.add().log_records.add(time_unix_nano=1_700_000_000_000_000_000, severity_number=17)
    record.body.kvlist_value.values.append(KeyValue(key="a", value=AnyValue(double_value=float("nan"))))

    assert lens.send("POST", "/v1/logs", request.SerializeToString(), PROTOBUF).status == 200

    answer = lens.get("/loki/api/v1/query_range", query=f'{{service_name="{service}"}}', start=1_700_000_000)
    stream = answer.json["data"]["result"][0]
    assert (stream["values"][0][1], stream["stream"]["detected_level"]) == ('{"a":"nan"}', "error")


def test_metrics_are_told_where_to_go(lens: LensProcess) -> None:
    answer = lens.send("POST", "/v1/metrics", b"{}", JSON)

    assert answer.status == 404
    assert "/metrics" in answer.json["message"]


def test_lens_measures_itself_and_makes_no_spans_of_deliveries(lens: LensProcess, service: str) -> None:
    lens.post_json("traces", traces(service, span(new_trace_id(), new_span_id(), attributes={"a.id": "x"})))

    metrics = lens.get("/metrics").body.decode()

    assert 'lens_records_ingested_total{signal="traces"}' in metrics
    assert "lens_database_bytes" in metrics
    assert "lens" not in lens.get("/api/services").json["data"]
