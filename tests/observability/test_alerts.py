"""Whoever is alerted finds what it means, where to look and who else knows."""

import json
import re
from urllib.parse import urlsplit

import pytest
import yaml
from ruleset import ALERTMANAGER, ROOT, RUNBOOKS, Alert, alerts, metrics_of, rules

ALERTS = alerts()
ANNOTATIONS = {"summary", "description", "runbook", "runbook_page", "dashboard"}
ROUTED = {"service", "owner", "pager"}
OF_OTHERS = re.compile(r"up$|otelcol_|prometheus_|alertmanager_|slo:|service:owner:info$|circuit_breaker_")
OF_WARDEN = {"ReplicaQuarantined", "ReleaseTakenBack", "WardenSuspectsItself"}
"""What no rule can know: warden tells of these itself."""
SECTIONS = ["What it means", "How bad it is", "First look", "Causes and fixes", "Is it over", "Whom to ask"]


def title(alert: Alert) -> str:
    return alert.title


def dashboards() -> set[str]:
    return {json.loads(file.read_text())["uid"] for file in ROOT.glob("dashboards/*/*.json")}


def recipes() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*)(?: \*ARGS)?:", (ROOT / "justfile").read_text(), re.MULTILINE))


def declared() -> set[str]:
    reference = (ROOT / "docs" / "telemetry.md").read_text()
    return set(re.findall(r"^\| `(\w+)` \| (?:counter|updowncounter|gauge|histogram) ", reference, re.MULTILINE))


@pytest.mark.parametrize("alert", ALERTS, ids=title)
def test_an_alert_says_how_soon_and_finds_its_owner(alert: Alert) -> None:
    assert alert.labels["severity"] in {"page", "ticket"}
    joined = "group_left (owner, pager) service:owner:info" in alert.expression
    assert joined or alert.labels.keys() >= ROUTED


@pytest.mark.parametrize("alert", ALERTS, ids=title)
def test_an_alert_leads_to_its_runbook_and_to_a_dashboard_that_exists(alert: Alert) -> None:
    assert set(alert.annotations) == ANNOTATIONS
    assert alert.annotations["runbook"] == f"observability/runbooks/{alert.name}.md"
    assert alert.annotations["runbook_page"] == f"/runbooks/{alert.name}"
    page = urlsplit(alert.annotations["dashboard"])
    assert page.path.removeprefix("/d/") in dashboards()
    assert page.query.startswith("var-service=")


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    written = {file.stem for file in RUNBOOKS.glob("*.md")} - {"README"}
    assert written == {alert.name for alert in ALERTS} | OF_WARDEN


@pytest.mark.parametrize("alert", sorted({alert.name for alert in ALERTS} | OF_WARDEN))
def test_a_runbook_has_every_section(alert: str) -> None:
    text = (RUNBOOKS / f"{alert}.md").read_text()
    assert text.startswith(f"# {alert}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS


@pytest.mark.parametrize("alert", sorted({alert.name for alert in ALERTS} | OF_WARDEN))
def test_a_runbook_names_commands_and_pages_that_exist(alert: str) -> None:
    text = (RUNBOOKS / f"{alert}.md").read_text()
    assert set(re.findall(r"\./just ([a-z-]+)", text)) <= recipes()
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (RUNBOOKS / link).exists(), link


def test_every_metric_that_rules_ask_for_is_emitted() -> None:
    known = declared()
    asked = {metric for rule in rules() for metric in metrics_of(rule["expr"])}
    ours = {metric for metric in asked if not OF_OTHERS.match(metric)}
    assert len(ours) > 10
    assert not {metric for metric in ours if not {metric, re.sub("_(bucket|count|sum)$", "", metric)} & known}


def test_what_makes_others_needless_names_alerts_that_exist() -> None:
    inhibitions = yaml.safe_load(ALERTMANAGER.read_text())["inhibit_rules"]
    matchers = [one for rule in inhibitions for one in (*rule["source_matchers"], *rule["target_matchers"])]
    named = {name for one in matchers if one.startswith("alertname") for name in one.split('"')[1].split("|")}
    assert named <= {alert.name for alert in ALERTS}
