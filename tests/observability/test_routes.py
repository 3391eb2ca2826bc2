"""Who is told of what, as Alertmanager reads the routes."""

from typing import Any

import pytest
import yaml
from ruleset import ALERTMANAGER, ROOT, command, run

from chassis.manifest import load_manifest

MANIFESTS = [load_manifest(path) for path in sorted(ROOT.glob("*/*/service.toml"))]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest.name)
@pytest.mark.parametrize("severity", ["page", "ticket"])
def test_an_alert_goes_to_the_owner_of_its_service(manifest: Any, severity: str) -> None:
    labels = (f"owner={manifest.owner}", f"service={manifest.name}", f"severity={severity}", "alertname=ServiceDown")
    told = run(command("amtool"), "config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels)
    assert told.split() == [manifest.owner]


def test_what_has_no_owner_goes_to_the_platform() -> None:
    told = run(command("amtool"), "config", "routes", "test", f"--config.file={ALERTMANAGER}", "alertname=Other")
    assert told.split() == ["team-platform"]


def test_the_configuration_is_valid() -> None:
    run(command("amtool"), "check-config", ALERTMANAGER)


def test_every_owner_is_told_by_the_address_of_the_manifest() -> None:
    receivers = {
        one["name"]: one["email_configs"][0]["to"] for one in yaml.safe_load(ALERTMANAGER.read_text())["receivers"]
    }
    assert receivers == {manifest.owner: manifest.pager for manifest in MANIFESTS}
