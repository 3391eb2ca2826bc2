"""The queries of the dashboards, with their variables filled in as Grafana would."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(ROOT.glob("dashboards/*/*.json"))
BUILT_IN = {
    "__rate_interval": "1m",
    "__interval": "15s",
    "__interval_ms": "15000",
    "__range": "15m",
    "__range_s": "900",
    "__range_ms": "900000",
}
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))")
_LABEL_VALUES = re.compile(r"label_values\((?:(?P<series>.+),\s*)?(?P<label>\w+)\)")


@dataclass(frozen=True)
class Query:
    """One query of one panel."""

    dashboard: str
    panel: str
    source: str
    expression: str

    def __str__(self) -> str:
        """For a message."""
        return f"{self.dashboard} / {self.panel}: {self.expression}"


def queries(dashboard: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[Query]:
    """Every query of every panel, those of collapsed rows too."""
    for panel in _panels(dashboard["panels"]):
        for target in panel.get("targets", []):
            source = (target.get("datasource") or panel.get("datasource"))["uid"]
            expression = target.get("expr") or target.get("query") or ""
            yield Query(dashboard["uid"], panel["title"], source, fill(expression, values))


def variables(dashboard: Mapping[str, Any], label_values: Callable[[str, str], list[str]]) -> dict[str, str]:
    """A value for each variable: all values of a multiple one, else its current one, else its first."""
    found: dict[str, str] = dict(BUILT_IN)
    for variable in dashboard.get("templating", {}).get("list", []):
        found[variable["name"]] = _value(variable, found, label_values)
    return found


def fill(expression: str, values: Mapping[str, str]) -> str:
    """The expression without variables; an unknown one is an error."""
    return _VARIABLE.sub(lambda match: values[match[1] or match[2]], expression)


def load(file: Path) -> dict[str, Any]:
    """The document of a file."""
    document: dict[str, Any] = json.loads(file.read_text())
    return document


def _panels(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels") or [])


def _value(variable: Mapping[str, Any], known: Mapping[str, str], label_values: Callable[[str, str], list[str]]) -> str:
    current = variable.get("current", {}).get("value")
    if variable["type"] != "query":
        return str(current or variable.get("query") or "")
    query = variable["query"]
    text = query if isinstance(query, str) else query["query"]
    match = _LABEL_VALUES.fullmatch(fill(text, known).strip())
    assert match, f"variable {variable['name']}: {text} is no label_values()"
    values = label_values(match["label"], match["series"] or "")
    assert values, f"variable {variable['name']} has no value"
    if variable.get("multi"):
        return "|".join(values)
    return str(current) if current in values else values[0]
