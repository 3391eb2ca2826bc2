"""Every name that somebody declared, from all generated modules."""

import importlib
from pathlib import Path

from chassis.telemetry.registry import Names
from support.system import ROOT


def all_registries() -> list[Names]:
    """The registry of each owner."""
    modules = sorted(ROOT.glob("platform/*/src/**/names.py")) + sorted(ROOT.glob("services/*/src/*/names.py"))
    return [importlib.import_module(_module(path)).REGISTRY for path in modules]


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[parts.index("src") + 1 :])
