"""Responses in the request's own encoding: success, partial success, google.rpc.Status."""

from typing import Literal

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from lens.otlp.errors import UnsupportedMediaError

Encoding = Literal["json", "protobuf"]
Signal = Literal["traces", "logs"]
MEDIA_TYPES: dict[Encoding, str] = {"json": "application/json", "protobuf": "application/x-protobuf"}
_REJECTED_FIELD = {"traces": "rejectedSpans", "logs": "rejectedLogRecords"}
_STATUS_MESSAGE_TAG = 0x12  # google.rpc.Status: field 2, length-delimited
_STATUS_CODE_TAG = 0x08  # google.rpc.Status: field 1, varint


def encoding_of(content_type: str) -> Encoding:
    """The encoding a Content-Type names; raises UnsupportedMediaError."""
    media_type = content_type.partition(";")[0].strip().lower()
    for encoding, name in MEDIA_TYPES.items():
        if media_type == name:
            return encoding
    raise UnsupportedMediaError(
        f"Content-Type {media_type or '(none)'} is not supported; use application/x-protobuf or application/json"
    )


def accepted(signal: Signal, encoding: Encoding, rejected: int, reason: str) -> bytes:
    """The Export…ServiceResponse; empty when nothing was rejected."""
    if encoding == "json":
        partial = {_REJECTED_FIELD[signal]: str(rejected), "errorMessage": reason}
        return msgspec.json.encode({"partialSuccess": partial} if rejected else {})
    if signal == "traces":
        traces = ExportTraceServiceResponse()
        if rejected:
            traces.partial_success.rejected_spans = rejected
            traces.partial_success.error_message = reason
        return bytes(traces.SerializeToString())
    logs = ExportLogsServiceResponse()
    if rejected:
        logs.partial_success.rejected_log_records = rejected
        logs.partial_success.error_message = reason
    return bytes(logs.SerializeToString())


def refused(encoding: Encoding, code: int, message: str) -> bytes:
    """A google.rpc.Status with `code` (below 128) and `message`."""
    if encoding == "json":
        return msgspec.json.encode({"code": code, "message": message})
    text = message.encode()
    return bytes([_STATUS_CODE_TAG, code, _STATUS_MESSAGE_TAG]) + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
