"""Requests made from an OpenAPI file, each with a canary in one field, header or parameter."""

import copy
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any, NamedTuple

from chassis.cards import passes_luhn

Schema = Mapping[str, Any]
Place = tuple[str | int, ...]

SECRET_FIELDS = frozenset({"password", "card_token"})
HEADERS = ("User-Agent", "Referer", "X-Request-Note", "Idempotency-Key")
_visitors = count(1)


class Kind(StrEnum):
    """What a canary stands for."""

    SECRET = "secret"
    CARD = "card"
    BREAK = "line break"
    CONTROL = "control character"
    MARKER = "marker"


class Canary(NamedTuple):
    """A value that is found again wherever it went. `needle` is the part of it to look for."""

    kind: Kind
    service: str
    operation: str
    where: str
    value: str
    needle: str


@dataclass(frozen=True)
class Attempt:
    """One request with one canary."""

    canary: Canary
    method: str
    path: str
    template: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


class Planter:
    """Makes the attempts on one service; what is drawn hangs on `chance` alone."""

    def __init__(self, service: str, document: Schema, chance: random.Random) -> None:
        self._service = service
        self._document = document
        self._chance = chance

    def attempts(self) -> Iterator[Attempt]:
        """Every kind of canary in every place of every operation."""
        for path, item in self._document["paths"].items():
            for method, operation in item.items():
                if not path.startswith("/health"):
                    yield from self._of_operation(path, method, operation)

    def _of_operation(self, path: str, method: str, operation: Schema) -> Iterator[Attempt]:
        body = self._body(operation)
        places = list(_leaves(body)) if body is not None else []
        named = list(operation.get("parameters", ()))
        queries = [parameter["name"] for parameter in named if parameter["in"] == "query"]
        filled = self._filled(path, named)
        for kind in (Kind.CARD, Kind.BREAK, Kind.CONTROL, Kind.MARKER):
            for place in places:
                canary = self._canary(kind, operation, _written(place))
                yield Attempt(canary, method, filled, path, body=_with(body, place, canary.value))
            for name in queries:
                canary = self._canary(kind, operation, f"query.{name}")
                yield Attempt(canary, method, filled, path, query={name: canary.value}, body=body)
            for name in HEADERS if kind in {Kind.CARD, Kind.MARKER} else ():
                canary = self._canary(kind, operation, name.lower())
                yield Attempt(canary, method, filled, path, headers={name: canary.value}, body=body)
        for place in places:
            if place[-1] in SECRET_FIELDS:
                canary = self._canary(Kind.SECRET, operation, _written(place))
                yield Attempt(canary, method, filled, path, body=_with(body, place, canary.value))
        for name in ("Authorization", "X-Service-Token", "Cookie"):
            canary = self._canary(Kind.SECRET, operation, name.lower())
            yield Attempt(canary, method, filled, path, headers={name: f"Bearer {canary.value}"}, body=body)

    def _canary(self, kind: Kind, operation: Schema, where: str) -> Canary:
        mark = f"{self._chance.getrandbits(64):016x}"
        value, needle = f"cnry{mark}", f"cnry{mark}"
        match kind:
            case Kind.CARD:
                value = needle = self._card()
            case Kind.BREAK:
                value = f"before\r\nInjected-By: {needle}"
            case Kind.CONTROL:
                value = f"\x1b[31m{needle}\x00\x7f\u2028"
            case Kind.MARKER if where == "email":
                value = f"{needle}@example.org"
            case Kind.SECRET:
                value = needle = f"tok_{mark}" if where.endswith("card_token") else f"Secret-{mark}"
        return Canary(kind, self._service, str(operation["operationId"]), where, value, needle)

    def _card(self) -> str:
        start = "4" + "".join(self._chance.choice("0123456789") for _ in range(14))
        digits = next(start + last for last in "0123456789" if passes_luhn(start + last))
        between = self._chance.choice(["", " ", "-"])
        return between.join(digits[at : at + 4] for at in range(0, 16, 4))

    def _filled(self, path: str, parameters: list[Schema]) -> str:
        for parameter in parameters:
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", str(self._example(parameter["schema"])))
        return path

    def _body(self, operation: Schema) -> Any:
        content = operation.get("requestBody", {}).get("content", {})
        return self._example(content["application/json"]["schema"]) if content else None

    def _example(self, schema: Schema) -> Any:  # noqa: PLR0911 - one for each form of a schema
        """A value that the schema allows, with every optional member."""
        if "$ref" in schema:
            return self._example(self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        for several in ("oneOf", "anyOf"):
            if several in schema:
                return self._example(next(one for one in schema[several] if one.get("type") != "null"))
        if "properties" in schema:
            return {name: self._example(one) for name, one in schema["properties"].items()}
        if schema.get("type") == "array":
            return [self._example(schema["items"])]
        if schema.get("examples"):
            return schema["examples"][0]
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("format") == "uuid":
            return "018f6b7e-6d0a-7c3e-9b55-2f4f1f7f0001"
        return {"integer": schema.get("minimum", 1), "number": 1.0, "boolean": False}.get(
            schema.get("type", ""), "text"
        )


def _leaves(value: Any, place: Place = ()) -> Iterator[Place]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, (*place, name))
    elif isinstance(value, list):
        for position, one in enumerate(value):
            yield from _leaves(one, (*place, position))
    else:
        yield place


def _with(body: Any, place: Place, value: str) -> Any:
    """The body with the value at that place; an address that is not the canary is one that nobody else has."""
    changed = copy.deepcopy(body)
    if isinstance(changed, dict) and "email" in changed:
        changed["email"] = f"visitor-{next(_visitors)}@example.org"
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return changed


def _written(place: Place) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")


def document_of(text: str) -> Schema:
    """An OpenAPI document."""
    document: Schema = json.loads(text)
    return document
