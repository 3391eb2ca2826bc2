"""Prometheus takes the rules, and they do what they are for."""

from pathlib import Path

import pytest
import yaml
from ruleset import CASES, OBSERVABILITY, RULES, command, rules, run

LEAST_CASES = 80


def name(path: Path) -> str:
    return path.stem


def test_every_rule_file_is_valid() -> None:
    run(command("promtool"), "check", "rules", *RULES)


def test_the_configuration_of_the_containers_is_valid() -> None:
    run(command("promtool"), "check", "config", "--syntax-only", OBSERVABILITY / "prometheus" / "prometheus.yml")


@pytest.mark.parametrize("cases", CASES, ids=name)
def test_alerts_fire_end_and_keep_silent_as_described(cases: Path) -> None:
    run(command("promtool"), "test", "rules", cases)


def test_the_cases_are_as_many_as_they_were() -> None:
    assert sum(len(yaml.safe_load(file.read_text())["tests"]) for file in CASES) >= LEAST_CASES


def test_every_alert_is_seen_to_fire_and_to_keep_silent() -> None:
    said = {file: file.read_text() for file in CASES}
    for alert in {rule["alert"] for rule in rules() if "alert" in rule}:
        assert any(alert in text for text in said.values()), f"no case is about {alert}"
