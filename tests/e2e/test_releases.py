"""A release of a real service takes over while orders are placed, and what served before comes back."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from support.system import PHAROS, ROOT, System

VERSION = "99.0.0"


def sources(place: Path) -> Path:
    """The sources of payments, under another version."""
    shutil.copytree(ROOT / "services" / "payments", place)
    project = place / "pyproject.toml"
    project.write_text(project.read_text().replace('version = "0.1.0"', f'version = "{VERSION}"'))
    return place


def while_ordering(system: System, *command: str) -> tuple[str, dict[str, object]]:
    """The outcome of a command, and the report of the orders that were placed meanwhile."""
    load = subprocess.Popen(
        [PHAROS, "load", "--rate", "2", "--seconds", "20", "--json", "--state", str(system.state)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    outcome = system.json(*command)["outcome"]
    report: dict[str, object] = json.loads(load.communicate(timeout=120)[0])
    return outcome, report


def test_a_release_takes_over_and_is_rolled_back_while_every_order_is_served(
    own_system: System, tmp_path: Path
) -> None:
    own_system.start()
    own_system.json("release", "payments", "--source", str(sources(tmp_path / "payments")))

    deployed, report = while_ordering(own_system, "deploy", "payments", VERSION, "--skip-analysis")

    assert (deployed, report["failed"], report["looks_failed"]) == ("deployed", 0, 0)
    (payments,) = [one for one in own_system.json("status")["services"] if one["name"] == "payments"]
    assert (payments["version"], payments["health"], len(payments["instances"])) == (VERSION, "ok", 1)
    serving = Path(f"/proc/{payments['instances'][0]['pid']}/cmdline").read_bytes().split(b"\0")[0]
    assert Path(os.fsdecode(serving)).is_relative_to(own_system.state / "environments" / "payments" / VERSION)
    assert own_system.json("rollback", "payments")["release"] == "checkout"
    assert own_system.json("order")["status"] == "confirmed"
