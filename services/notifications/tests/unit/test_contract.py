"""The contracts that are checked in are those of the code, and show an example of everything."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chassis import asyncapi, openapi

FOLDER = Path(__file__).parents[2]
SHARED = {"Problem", "HealthReport", "CheckReport"}
"""Schemas of chassis."""
TELLS_ITSELF = {"enum", "$ref", "items", "oneOf", "anyOf", "allOf", "additionalProperties"}


def test_the_openapi_document_is_current() -> None:
    assert (FOLDER / "openapi.json").read_bytes() == openapi.export(FOLDER)


def test_the_asyncapi_document_is_current() -> None:
    assert (FOLDER / "asyncapi.json").read_bytes() == asyncapi.export(FOLDER)


def test_every_field_of_every_operation_has_an_example() -> None:
    document = json.loads(openapi.export(FOLDER))
    own = {name: schema for name, schema in document["components"]["schemas"].items() if name not in SHARED}
    assert [where for where, field in _fields(own) if not {"examples", *TELLS_ITSELF} & set(field)] == []


def _fields(schemas: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in schemas.items():
        for field, described in schema.get("properties", {}).items():
            yield f"{name}.{field}", described
