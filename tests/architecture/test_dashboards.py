"""The dashboards are generated, ask only for what is emitted, and lead to what is there."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from expressions import Expression
from known_metrics import COLLECTOR, TARGET, known, rules
from tree import ROOT

from chaos.tell import SERVICE as CHAOS
from warden.alerts import OWN

FILES = sorted(ROOT.glob("dashboards/*/*.json"))
BOARDS: dict[str, dict[str, Any]] = {file.stem: json.loads(file.read_text()) for file in FILES}
KINDS = {"row", "text", "timeseries", "stat", "gauge", "bargauge", "table"}
"""What the console can draw too."""
NAMED = {"overview", "service", "orders", "messaging", "data", "telemetry", "recovery"}
ALERTS = {rule["alert"] for rule in rules() if "alert" in rule}
RUNBOOKS = ROOT / "observability" / "runbooks"
Panel = dict[str, Any]


def manifests() -> list[dict[str, Any]]:
    files = [*ROOT.glob("services/*/service.toml"), *ROOT.glob("platform/*/service.toml")]
    return [tomllib.loads(file.read_text()) for file in files]


def panels(board: dict[str, Any]) -> list[Panel]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries(board: dict[str, Any]) -> Iterator[tuple[Panel, dict[str, Any]]]:
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield panel, target


def overrides(panel: Panel, name: str) -> Iterator[Any]:
    for override in panel["fieldConfig"]["overrides"]:
        yield from (one["value"] for one in override["properties"] if one["id"] == name)


def data_links(panel: Panel) -> list[dict[str, Any]]:
    """Links of series and rows."""
    config = panel.get("fieldConfig", {})
    of_rows = [link for links in overrides(panel, "links") for link in links] if config else []
    return [*config.get("defaults", {}).get("links", []), *of_rows]


def links(board: dict[str, Any]) -> list[str]:
    """Where the dashboard, its panels, series, rows and texts lead."""
    found = [link["url"] for link in board["links"] if link["type"] == "link"]
    for panel in panels(board):
        found += [link["url"] for link in [*panel.get("links", []), *data_links(panel)]]
        found += re.findall(r"\]\(([^)]+)\)", panel.get("options", {}).get("content", ""))
    return found


each = pytest.mark.parametrize("uid", sorted(BOARDS))


def test_what_is_checked_in_is_what_the_code_makes() -> None:
    command = [sys.executable, str(ROOT / "observability" / "dashboards" / "generate.py"), "--check"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_every_dashboard_is_there_and_in_its_owners_folder() -> None:
    promised = {f"slo-{one['name']}": one["owner"] for one in manifests() if one.get("slos")}
    owners = {one["owner"] for one in manifests()}
    found = {file.stem: file.parent.name for file in FILES if file.parent.name != "runbooks"}
    assert set(found) == NAMED | set(promised)
    assert {uid: found[uid] for uid in promised} == promised
    assert set(found.values()) <= owners


@each
def test_a_dashboard_is_whole(uid: str) -> None:
    board = BOARDS[uid]
    assert board["uid"] == uid
    assert len(uid) <= 40, "Grafana takes no longer one"
    assert board["title"]
    assert board["description"]
    assert board["editable"] is False
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))


@each
def test_every_panel_explains_itself(uid: str) -> None:
    for panel in panels(BOARDS[uid]):
        assert panel["type"] in KINDS, panel["title"]
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        if panel["type"] not in {"text", "table"}:
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        if panel["type"] == "timeseries":
            assert panel["fieldConfig"]["defaults"]["min"] == 0, panel["title"]
            assert all(target["legendFormat"] != "__auto" for target in panel["targets"]), panel["title"]


@each
def test_no_two_panels_overlap(uid: str) -> None:
    boxes = [(panel["title"], panel["gridPos"]) for panel in BOARDS[uid]["panels"]]
    assert all(box["x"] + box["w"] <= 24 for _, box in boxes)
    for (first, one), (second, two) in combinations(boxes, 2):
        beside = one["x"] + one["w"] <= two["x"] or two["x"] + two["w"] <= one["x"]
        below = one["y"] + one["h"] <= two["y"] or two["y"] + two["h"] <= one["y"]
        assert beside or below, f"{first} and {second}"


@each
def test_every_query_asks_for_what_is_emitted(uid: str) -> None:
    for panel, target in queries(BOARDS[uid]):
        asked = Expression(target["expr"])
        assert asked.metrics, target["expr"]
        assert asked.metrics <= known().keys(), panel["title"]
        for metric, labels in asked.selected.items():
            assert labels <= known()[metric], f"{panel['title']}: {metric}"
        there = set[str]().union(*(known()[metric] for metric in asked.metrics)) | asked.made
        assert asked.grouped <= there, panel["title"]
        shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        assert shown <= asked.grouped | asked.made, f"{panel['title']}: {target['legendFormat']}"


@each
def test_every_mark_asks_for_what_is_emitted(uid: str) -> None:
    marks = BOARDS[uid]["annotations"].get("list", [])
    for mark in (mark for mark in marks if mark["datasource"]["type"] == "prometheus"):
        asked = Expression(mark["expr"])
        assert asked.metrics <= known().keys()
        assert all(labels <= known()[metric] for metric, labels in asked.selected.items())
        there = TARGET.union(*(known()[metric] for metric in asked.metrics if metric.startswith("warden_")))
        assert set(re.findall(r"\{\{(\w+)\}\}", mark["titleFormat"] + mark["textFormat"])) <= there


@each
def test_no_mark_falls_between_two_steps_however_far_apart_they_are(uid: str) -> None:
    marks = BOARDS[uid]["annotations"].get("list", [])
    for mark in (mark for mark in marks if mark["datasource"]["type"] == "prometheus"):
        windows = re.findall(r"\[(.+?)\]|offset (\S+)", mark["expr"])
        assert {window for both in windows for window in both if window} == {"$__rate_interval"}


@each
def test_what_befell_a_store_is_marked_whichever_services_are_chosen(uid: str) -> None:
    for mark in BOARDS[uid]["annotations"].get("list", []):
        if matcher := re.search(r'recovery_service=~"(.+?)"', mark["expr"]):
            for store in ("postgres", "nats", ""):
                assert re.fullmatch(matcher[1].replace("$service", "(orders|edge)"), store) is not None


@each
def test_every_mark_of_a_log_line_asks_for_a_service_that_logs(uid: str) -> None:
    marks = BOARDS[uid]["annotations"].get("list", [])
    for mark in (mark for mark in marks if mark["datasource"]["type"] == "loki"):
        assert mark["datasource"]["uid"] == "loki"
        assert re.findall(r'service_name="(\w+)"', mark["expr"]) == [CHAOS]


@each
def test_no_query_depends_on_the_collector_alone(uid: str) -> None:
    for panel, target in queries(BOARDS[uid]):
        metrics = Expression(target["expr"]).metrics
        assert not metrics or metrics - COLLECTOR.keys(), panel["title"]


@each
def test_every_query_names_its_data_source(uid: str) -> None:
    for panel, target in queries(BOARDS[uid]):
        assert panel["datasource"] == target["datasource"] == {"type": "prometheus", "uid": "prometheus"}


@each
def test_every_link_leads_somewhere(uid: str) -> None:
    for url in links(BOARDS[uid]):
        path = urlsplit(url).path
        if path == "/explore":
            (panes,) = parse_qs(urlsplit(re.sub(r"\$\{[\w.]+\}", "x", url)).query)["panes"]
            assert {pane["datasource"] for pane in json.loads(unquote(panes)).values()} <= {"jaeger", "loki"}
            continue
        target = path.removeprefix("/d/")
        name = target.removeprefix("runbook-")
        if name != target:
            assert name in {*ALERTS, "README"}, url
            assert target in BOARDS, url
        else:
            assert target in BOARDS or target == "slo-${service}", url


@each
def test_a_link_of_a_series_or_row_uses_what_it_has(uid: str) -> None:
    for panel in panels(BOARDS[uid]):
        urls = "".join(link["url"] for link in data_links(panel))
        labels = set(re.findall(r"__field\.labels\.(\w+)", urls))
        for target in panel.get("targets", []):
            asked = Expression(target["expr"])
            assert labels <= asked.grouped | asked.made, panel["title"]
        columns = set(re.findall(r"__data\.fields\.(\w+)", urls))
        if columns:
            organize = next(one for one in panel["transformations"] if one["id"] == "organize")
            assert columns <= set(organize["options"]["renameByName"].values()), panel["title"]


def test_every_runbook_has_a_page() -> None:
    pages = {uid.removeprefix("runbook-") for uid in BOARDS if uid.startswith("runbook-")}
    assert pages == {file.stem for file in RUNBOOKS.glob("*.md")}
    assert pages == {*ALERTS, *OWN, "ReleaseTakenBack", "README"}


def test_every_alert_leads_to_a_dashboard() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    assert alerts
    for alert in alerts:
        uid = urlsplit(alert["annotations"]["dashboard"]).path.removeprefix("/d/")
        assert uid in BOARDS, alert["alert"]


def test_latency_has_exemplars() -> None:
    with_exemplars = {uid for uid, board in BOARDS.items() if any(one.get("exemplar") for _, one in queries(board))}
    assert {"overview", "service", "orders", "messaging", "data"} <= with_exemplars


def test_a_file_that_was_changed_by_hand_is_noticed(tmp_path: Path) -> None:
    copy = tmp_path / "observability" / "dashboards"
    copy.parent.mkdir()
    subprocess.run(["cp", "-r", str(ROOT / "observability" / "dashboards"), str(copy)], check=True)
    for folder in ("services", "platform"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "observability" / "runbooks").symlink_to(RUNBOOKS)
    subprocess.run(["cp", "-r", str(ROOT / "dashboards"), str(tmp_path)], check=True)
    file = tmp_path / "dashboards" / "team-platform" / "overview.json"
    file.write_text(file.read_text().replace("Golden signals", "Signals"))
    (file.parent / "mine.json").write_text("{}")
    command = [sys.executable, str(copy / "generate.py"), "--check"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert outcome.returncode == 1
    assert re.findall(r"(\w+)\.json is not current", outcome.stderr) == ["overview", "mine"]
