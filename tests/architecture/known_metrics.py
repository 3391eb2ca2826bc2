"""Every metric that a dashboard may ask for, and the labels it has."""

import importlib.util
import re
import sys
from functools import cache
from types import ModuleType
from typing import Any, Final

import yaml
from tree import ROOT

TARGET: Final = {"job", "service", "instance"}
"""What Prometheus adds to whatever it scrapes."""
PROMETHEUS: Final[dict[str, set[str]]] = {
    "up": set(),
    "ALERTS": {"alertname", "alertstate", "severity", "owner", "pager"},
}
COLLECTOR: Final[dict[str, set[str]]] = {
    "otelcol_receiver_accepted_spans_total": set(),
    "otelcol_receiver_accepted_log_records_total": set(),
    "otelcol_receiver_refused_spans_total": set(),
    "otelcol_receiver_refused_log_records_total": set(),
    "otelcol_exporter_queue_size": {"exporter"},
}
"""The Collector's own, in the containers only: each query has another source beside them."""
RECORDED: Final = {"slo", "window", "owner", "pager", "tier", "mode"}
_PARTS: Final = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}


@cache
def known() -> dict[str, set[str]]:
    """The labels of each metric by its name."""
    recorded = {rule["record"]: RECORDED for rule in rules() if "record" in rule}
    return {name: labels | TARGET for name, labels in {**PROMETHEUS, **COLLECTOR, **recorded, **_emitted()}.items()}


@cache
def rules() -> list[dict[str, Any]]:
    """Every rule of Prometheus."""
    files = sorted((ROOT / "observability" / "prometheus" / "rules").glob("*.yaml"))
    groups = [group for file in files for group in yaml.load(file.read_text(), Loader=yaml.CSafeLoader)["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def _emitted() -> dict[str, set[str]]:
    """What the registry of names declares."""
    found: dict[str, set[str]] = {}
    for group in _registry().load().groups:
        if group.type != "metric":
            continue
        labels = {re.sub(r"\W", "_", name) for name in group.attributes}
        for ending in _PARTS.get(group.values["instrument"], ("",)):
            found[f"{group.prometheus_name}{ending}"] = labels | ({"le"} if ending == "_bucket" else set())
    return found


def _registry() -> ModuleType:
    """The module that reads the registry, which is part of no distribution."""
    spec = importlib.util.spec_from_file_location(
        "semconv_registry", ROOT / "observability" / "semconv" / "registry.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
