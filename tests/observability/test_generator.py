"""What follows from the manifests is current, and a promise that no rule could watch is refused."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ruleset import OBSERVABILITY

GENERATOR = OBSERVABILITY / "slo" / "generate.py"
MANIFEST = """
name = "{name}"
description = "A part"
owner = "team-{name}"
pager = "{name}@pharos.example"
tier = 1

[[slos]]
name = "quick"
kind = "latency"
objective = 0.99
threshold_ms = 250
route = "GET /things"
"""


def generate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, GENERATOR, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Edge and a service named things."""
    for folder in ("platform/edge", "services/things"):
        part = tmp_path / folder
        part.mkdir(parents=True)
        (part / "service.toml").write_text(MANIFEST.format(name=part.name))
    (tmp_path / "services/things/openapi.json").write_text('{"paths": {"/things": {"get": {}}}}')
    return tmp_path


def change(checkout: Path, before: str, after: str) -> None:
    manifest = checkout / "services/things/service.toml"
    assert before in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(before, after))


def test_what_is_generated_is_current() -> None:
    outcome = generate("--check")
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_a_change_of_a_manifest_is_noticed_until_it_is_generated(checkout: Path) -> None:
    assert generate("--root", checkout).returncode == 0
    assert generate("--check", "--root", checkout).returncode == 0
    change(checkout, "threshold_ms = 250", "threshold_ms = 500")

    outcome = generate("--check", "--root", checkout)

    assert outcome.returncode == 1
    assert "slo-things.yaml is not current" in outcome.stderr


def test_rules_of_a_service_that_is_gone_go_too(checkout: Path) -> None:
    generate("--root", checkout)
    (checkout / "services/things/service.toml").unlink()

    assert generate("--check", "--root", checkout).returncode == 1
    generate("--root", checkout)
    assert not (checkout / "observability/prometheus/rules/slo-things.yaml").exists()


def test_a_new_owner_has_a_receiver(checkout: Path) -> None:
    generate("--root", checkout)
    routes = yaml.safe_load((checkout / "observability/alertmanager/alertmanager.yml").read_text())
    addresses = {one["name"]: one["email_configs"][0]["to"] for one in routes["receivers"]}
    assert addresses == {"team-edge": "edge@pharos.example", "team-things": "things@pharos.example"}


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("threshold_ms = 250", "threshold_ms = 300", "is no bound of the request histogram; choose one of 5, 10, 25"),
        ("objective = 0.99", "objective = 0.93", "with objective = 0.93 a total outage burns only 14.3 times as fast"),
        ('"GET /things"', '"GET /thing"', "the service has no route 'GET /thing'"),
    ],
)
def test_what_cannot_be_watched_is_refused(checkout: Path, before: str, after: str, complaint: str) -> None:
    change(checkout, before, after)

    outcome = generate("--root", checkout)

    assert outcome.returncode == 1
    assert outcome.stderr.startswith("services/things/service.toml: SLO 'quick': ")
    assert complaint in outcome.stderr


def test_the_least_objective_that_can_page_is_accepted(checkout: Path) -> None:
    change(checkout, "objective = 0.99", "objective = 0.931")
    assert generate("--root", checkout).returncode == 0
