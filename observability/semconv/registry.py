"""Reads the registry of names and refuses what is inconsistent."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
TYPES = {"string", "int", "double", "boolean", "string[]"}
KINDS = {"internal", "server", "client", "producer", "consumer"}
INSTRUMENTS = {"counter", "gauge", "updowncounter", "histogram"}
_UNITS = {"s": "seconds", "ms": "milliseconds", "By": "bytes"}
_PLACEHOLDER = re.compile(r"\{([^}]+)\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_KEYS = {
    "attribute_group": {"id", "type", "brief", "attributes"},
    "span": {"id", "type", "brief", "attributes", "span_kind", "name"},
    "event": {"id", "type", "brief", "attributes", "name"},
    "metric": {"id", "type", "brief", "attributes", "metric_name", "instrument", "unit", "prometheus_name"},
    "log": {"id", "type", "brief", "attributes"},
}


class RegistryError(Exception):
    """The registry contradicts itself; the message names file, group and fix."""


@dataclass(frozen=True)
class Group:
    """One group of the registry."""

    owner: str
    file: str
    values: dict[str, Any]

    @property
    def id(self) -> str:
        """The group's identifier, unique in the registry."""
        return str(self.values["id"])

    @property
    def type(self) -> str:
        """What the group declares."""
        return str(self.values["type"])

    @property
    def attributes(self) -> list[Any]:
        """Declared attributes, or names of them."""
        return list(self.values.get("attributes") or [])

    @property
    def references(self) -> list[str]:
        """Names of attributes that some group declares."""
        if self.type == "attribute_group":
            return [attribute["ref"] for attribute in self.attributes if "ref" in attribute]
        return self.attributes

    @property
    def prometheus_name(self) -> str:
        """A metric's name on `/metrics`, without a counter's `_total`."""
        if "prometheus_name" in self.values:
            return str(self.values["prometheus_name"])
        name = re.sub(r"[^a-z0-9_]", "_", str(self.values["metric_name"]))
        unit = _UNITS.get(str(self.values.get("unit", "")))
        return f"{name}_{unit}" if unit and not name.endswith(unit) else name


@dataclass
class Registry:
    """All groups, and every declared attribute by name."""

    groups: list[Group] = field(default_factory=list)
    attributes: dict[str, Group] = field(default_factory=dict)

    def owners(self) -> list[str]:
        """Who owns names, in order of first appearance."""
        return list(dict.fromkeys(group.owner for group in self.groups))

    def of(self, owner: str, kind: str) -> list[Group]:
        """An owner's groups of one type."""
        return [group for group in self.groups if group.owner == owner and group.type == kind]


def load(folder: Path = FOLDER) -> Registry:
    """Read and check every file of the registry.

    Raises:
        RegistryError: something is missing, unknown, declared twice or referred to without being declared.
    """
    registry = Registry()
    seen: set[str] = set()
    for group in _groups(folder):
        _check_shape(group)
        if group.id in seen:
            raise RegistryError(f"{group.file}: group {group.id} is declared twice")
        seen.add(group.id)
        registry.groups.append(group)
        if group.type == "attribute_group":
            _declare(registry, group)
    for group in registry.groups:
        _check_references(registry, group)
    return registry


def _groups(folder: Path) -> Iterator[Group]:
    for path in sorted(folder.glob("*.yaml")):
        document = yaml.safe_load(path.read_text())
        if not isinstance(document, dict) or set(document) != {"owner", "groups"}:
            raise RegistryError(f"{path.name}: must have exactly the keys owner and groups")
        for values in document["groups"]:
            yield Group(document["owner"], path.name, values)


def _check_shape(group: Group) -> None:
    where = f"{group.file}: {group.values.get('id', 'a group without id')}"
    allowed = _KEYS.get(group.values.get("type", ""))
    if allowed is None:
        raise RegistryError(f"{where}: type must be one of {', '.join(_KEYS)}")
    unknown = set(group.values) - allowed
    missing = allowed - {"attributes", "prometheus_name"} - set(group.values)
    if unknown or missing:
        raise RegistryError(f"{where}: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    if group.type == "span" and group.values["span_kind"] not in KINDS:
        raise RegistryError(f"{where}: span_kind must be one of {', '.join(sorted(KINDS))}")
    if group.type == "metric" and group.values["instrument"] not in INSTRUMENTS:
        raise RegistryError(f"{where}: instrument must be one of {', '.join(sorted(INSTRUMENTS))}")


def _declare(registry: Registry, group: Group) -> None:
    for attribute in group.attributes:
        if "ref" in attribute:
            continue
        name = attribute.get("id", "")
        where = f"{group.file}: {group.id}: attribute {name!r}"
        if not _NAME.fullmatch(name):
            raise RegistryError(f"{where}: a name is lower-case words joined by dots and underscores")
        if name in registry.attributes:
            raise RegistryError(f"{where} is declared in {registry.attributes[name].file} already")
        kind = attribute.get("type")
        if kind not in TYPES if isinstance(kind, str) else "members" not in (kind or {}):
            raise RegistryError(f"{where}: type must be one of {', '.join(sorted(TYPES))} or have members")
        if not attribute.get("brief"):
            raise RegistryError(f"{where}: brief is missing")
        registry.attributes[name] = group


def _check_references(registry: Registry, group: Group) -> None:
    where = f"{group.file}: {group.id}"
    for name in group.references:
        if name not in registry.attributes:
            raise RegistryError(f"{where}: attribute {name} is declared nowhere; add it to an attribute_group")
    for name in _PLACEHOLDER.findall(str(group.values.get("name", ""))):
        if name not in group.references:
            raise RegistryError(f"{where}: the name uses {{{name}}}, which is no attribute of the group")
