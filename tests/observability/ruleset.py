"""The rules and routes as checked in, and the commands that read them."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from support.require import require

ROOT = Path(__file__).resolve().parents[2]
OBSERVABILITY = ROOT / "observability"
RULES = sorted((OBSERVABILITY / "prometheus" / "rules").glob("*.yaml"))
CASES = sorted((OBSERVABILITY / "prometheus" / "tests").glob("*.yaml"))
RUNBOOKS = OBSERVABILITY / "runbooks"
ALERTMANAGER = OBSERVABILITY / "alertmanager" / "alertmanager.yml"


@dataclass(frozen=True)
class Alert:
    """One alerting rule."""

    name: str
    expression: str
    labels: dict[str, str]
    annotations: dict[str, str]

    @property
    def title(self) -> str:
        """For a test's name."""
        parts = (self.name, self.labels.get("service"), self.labels.get("slo"), self.labels.get("window"))
        return "-".join(part for part in parts if part)


@cache
def rules() -> list[dict[str, Any]]:
    """Every rule of every file."""
    return [
        rule
        for file in RULES
        for group in yaml.load(file.read_text(), yaml.CSafeLoader)["groups"]
        for rule in group["rules"]
    ]


def alerts() -> list[Alert]:
    """Every alerting rule."""
    return [
        Alert(rule["alert"], rule["expr"], rule.get("labels", {}), rule.get("annotations", {}))
        for rule in rules()
        if "alert" in rule
    ]


def command(*names: str) -> str:
    """The first of these commands that the machine has."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    require("binaries", None if found else f"{names[0]} is not on the PATH")
    assert found
    return found


def run(*arguments: str | Path, timeout: float = 300) -> str:
    """What a command prints; a failure of it fails the test with all that it said."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=timeout)
    assert done.returncode == 0, f"{' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}"
    return done.stdout


def metrics_of(expression: str) -> set[str]:
    """Names of the series that an expression selects: its words that are neither labels nor functions."""
    text = re.sub(r'"[^"]*"|\[[^\]]*\]', "", expression)
    text = re.sub(r"\{[^}]*\}|\b(?:by|on|group_left)\s*\([^)]*\)", " ", text)
    words = re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?![a-zA-Z0-9_:]|\s*\()", text)
    return {word for word in words if word == "up" or "_" in word or ":" in word}
