"""OTLP JSON, built from fragments: what does not change between spans is encoded once.

Follows the OTLP specification's JSON mapping: lowerCamelCase keys, identifiers in hexadecimal, 64-bit integers as
strings, enumerations as numbers.
"""

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from chassis.telemetry.redaction import redact_value

MAX_TEXT: Final = 8192
"""Longest string value that leaves the process, in characters; stack traces are the longest."""

_encoder = msgspec.json.Encoder()


def quote(text: str) -> str:
    """The JSON string literal of a text."""
    return _encoder.encode(text).decode()


@lru_cache(4096)
def quote_name(name: str) -> str:
    """As `quote`, remembered: for span names and attribute keys, of which there are few."""
    return quote(name)


@lru_cache(4096)
def _key(key: str) -> str:
    return f'{{"key":{quote(key)},"value":'


def encode_value(value: Any) -> str:  # noqa: PLR0911 - one for each kind of value
    """The OTLP `AnyValue` of an already redacted value."""
    if isinstance(value, str):
        return f'{{"stringValue":{quote(value[:MAX_TEXT])}}}'
    if isinstance(value, bool):
        return '{"boolValue":true}' if value else '{"boolValue":false}'
    if isinstance(value, int):
        return f'{{"intValue":"{value}"}}'
    if isinstance(value, float):
        return _encode_float(value)
    if value is None:
        return "{}"
    if isinstance(value, Mapping):
        pairs = ",".join(f"{_key(str(k))}{encode_value(v)}}}" for k, v in value.items())
        return f'{{"kvlistValue":{{"values":[{pairs}]}}}}'
    if isinstance(value, bytes):
        return f'{{"bytesValue":"{base64.b64encode(value).decode()}"}}'
    return f'{{"arrayValue":{{"values":[{",".join(map(encode_value, value))}]}}}}'


def _encode_float(value: float) -> str:
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN is what differs from itself
        text = "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"  # noqa: PLR0124
        return f'{{"doubleValue":"{text}"}}'
    return f'{{"doubleValue":{value!r}}}'


def encode_attribute(key: str, value: Any) -> str:
    """One OTLP `KeyValue`, the value redacted."""
    return f"{_key(key)}{encode_value(redact_value(key, value))}}}"


def encode_trusted(key: str, value: Any) -> str:
    """As `encode_attribute` for a value known to be clean: one of ours, or already checked against a pattern."""
    return f"{_key(key)}{encode_value(value)}}}"


def encode_attributes(attributes: Mapping[str, Any]) -> str:
    """Comma-separated OTLP `KeyValue`s, values redacted, without the surrounding brackets."""
    return ",".join([f"{_key(k)}{encode_value(redact_value(k, v))}}}" for k, v in attributes.items()])


def members(values: Mapping[str, Any]) -> str:
    """Members of a JSON object, each with a comma before it."""
    return "," + _encoder.encode(values)[1:-1].decode() if values else ""


class StaticAttributes(Mapping[str, Any]):
    """Attributes known in advance and encoded once, for spans and log records that repeat them.

    `encoded` is their OTLP form, `line` their form in a log line.
    """

    __slots__ = ("_values", "encoded", "line")

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Encode `values`, which must be clean: no redaction is applied later."""
        self._values = dict(values)
        self.encoded = ",".join(encode_trusted(key, value) for key, value in values.items())
        self.line = members(values)

    def __getitem__(self, key: str) -> Any:
        """The value under `key`."""
        return self._values[key]

    def __iter__(self) -> Any:
        """The keys, in the order given."""
        return iter(self._values)

    def __len__(self) -> int:
        """How many attributes."""
        return len(self._values)


NO_ATTRIBUTES: Final = StaticAttributes({})
"""The empty set, shared."""
