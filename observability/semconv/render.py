"""Writes the registry as Python and as Markdown."""

import re
from collections import Counter
from typing import Any

from registry import Group, Registry, RegistryError

HEADER = '"""Names of what {owner} emits. Generated from observability/semconv; do not edit."""\n'


def render_names(registry: Registry, owner: str) -> str:
    """The `names.py` of one owner: constants, and its part of the registry."""
    constants: list[tuple[str, str]] = []
    attributes = [a.get("ref") or a["id"] for group in registry.of(owner, "attribute_group") for a in group.attributes]
    metrics = [group.prometheus_name for group in registry.of(owner, "metric")]
    spans = [(group.values["span_kind"], group.values["name"]) for group in registry.of(owner, "span")]
    events = [group.values["name"] for group in registry.of(owner, "event")]
    constants += [(_constant(name), name) for name in attributes if "." in name]
    constants += [(_constant(group.id), group.values["name"]) for group in registry.of(owner, "span")]
    constants += [(_constant(group.id), group.values["name"]) for group in registry.of(owner, "event")]
    constants += [
        (_constant(f"metric.{group.values['metric_name']}"), group.prometheus_name)
        for group in registry.of(owner, "metric")
    ]
    _refuse_clashes(owner, [name for name, _ in constants])
    lines = [HEADER.format(owner=owner), "from typing import Final\n"]
    lines += ["from chassis.telemetry.registry import Names\n"]
    lines += [f"{name}: Final = {_quote(value)}" for name, value in constants]
    lines += ["", "REGISTRY: Final = Names(", f"    owner={_quote(owner)},"]
    pairs = [f"({_quote(kind)}, {_quote(name)})" for kind, name in spans]
    for field, values in (
        ("spans", pairs),
        ("events", [_quote(v) for v in events]),
        ("attributes", [_quote(v) for v in attributes]),
        ("metrics", [_quote(v) for v in metrics]),
    ):
        lines += _tuple(field, values)
    return "\n".join([*lines, ")", ""])


def _tuple(field: str, values: list[str]) -> list[str]:
    """The argument as the formatter of the project writes it."""
    if len(values) < 2:
        return [f"    {field}=({value},)," for value in values]
    return [f"    {field}=(", *(f"        {value}," for value in values), "    ),"]


def _refuse_clashes(owner: str, constants: list[str]) -> None:
    clashes = sorted(name for name, count in Counter(constants).items() if count > 1)
    if clashes:
        raise RegistryError(f"owner {owner}: two names become the constant {', '.join(clashes)}; rename one")


def render_docs(registry: Registry) -> str:
    """`docs/telemetry.md`."""
    lines = [
        "# Telemetry reference",
        "",
        "Every span, attribute, metric and log field, by owner. Generated from `observability/semconv`; do not edit.",
    ]
    for owner in registry.owners():
        lines += ["", f"## {owner}"]
        lines += _section("Spans", "name | kind | attributes | what", registry.of(owner, "span"), _span_row)
        lines += _section("Span events", "name | attributes | what", registry.of(owner, "event"), _event_row)
        lines += _section("Metrics", "on `/metrics` | kind | labels | what", registry.of(owner, "metric"), _metric_row)
        lines += _section("Log records", "what | fields", registry.of(owner, "log"), _log_row)
        rows = [a for group in registry.of(owner, "attribute_group") for a in group.attributes if "id" in a]
        lines += _section("Attributes", "name | type | what | examples", rows, _attribute_row)
    return "\n".join([*lines, ""])


def _section(title: str, head: str, rows: list[Any], render: Any) -> list[str]:
    if not rows:
        return []
    columns = head.count("|") + 1
    return ["", f"### {title}", "", f"| {head} |", "|" + "---|" * columns, *(f"| {render(row)} |" for row in rows)]


def _span_row(group: Group) -> str:
    return f"`{group.values['name']}` | {group.values['span_kind']} | {_codes(group)} | {group.values['brief']}"


def _event_row(group: Group) -> str:
    return f"`{group.values['name']}` | {_codes(group)} | {group.values['brief']}"


def _metric_row(group: Group) -> str:
    shown = group.prometheus_name + ("_total" if group.values["instrument"] == "counter" else "")
    labels = ", ".join(f"`{re.sub('[^a-z0-9_]', '_', name)}`" for name in group.attributes)
    return f"`{shown}` | {group.values['instrument']} | {labels} | {group.values['brief']}"


def _log_row(group: Group) -> str:
    return f"{group.values['brief']} | {_codes(group)}"


def _attribute_row(attribute: dict[str, Any]) -> str:
    kind = attribute["type"]
    shown = kind if isinstance(kind, str) else ", ".join(f"`{member}`" for member in kind["members"])
    examples = ", ".join(f"`{example}`" for example in attribute.get("examples", ()))
    return f"`{attribute['id']}` | {shown} | {attribute['brief']} | {examples}"


def _codes(group: Group) -> str:
    return ", ".join(f"`{name}`" for name in group.attributes)


def _constant(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
