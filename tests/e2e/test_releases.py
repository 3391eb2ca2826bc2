"""A release of a real service takes over while orders are placed, and what served before comes back."""

import asyncio
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from support.system import PHAROS, ROOT, System
from testkit import wait_until

VERSION, CHASSIS = "99.0.0", "98.0.0"


def checkout(place: Path) -> Path:
    """A checkout with payments and chassis alone, both under other versions; its tools are ours."""
    for part, version in (("services/payments", VERSION), ("platform/chassis", CHASSIS)):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("tests"))
        project = place / part / "pyproject.toml"
        project.write_text(project.read_text().replace('version = "0.1.0"', f'version = "{version}"', 1))
    shutil.copytree(ROOT / "bootstrap", place / "bootstrap")
    for file in ("pyproject.toml", "requirements.lock"):
        shutil.copyfile(ROOT / file, place / file)
    (place / ".pharos").symlink_to(ROOT / ".pharos")
    return place


def build(system: System, root: Path) -> None:
    """The release of payments of that checkout, built for the system."""
    subprocess.run([PHAROS, "release", "payments", "--state", str(system.state)], cwd=root, check=True)


def started(system: System, *command: str) -> "subprocess.Popen[str]":
    """A command that goes on while the test does."""
    words = [PHAROS, *command, "--state", str(system.state)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def replicas(system: System) -> list[dict[str, Any]]:
    """Those of payments that are ready."""
    (payments,) = [one for one in system.json("status")["services"] if one["name"] == "payments"]
    return [one for one in payments["instances"] if one["health"] == "ok"]


def versions(system: System, port: int) -> tuple[str, str]:
    """Of the service and of chassis, as a trace of the replica at this port names them."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/nothing")
    trace = f"http://127.0.0.1:{system.port_base + 1}/api/traces/{refused.value.headers['X-Trace-ID']}"

    def told() -> tuple[str, str] | None:
        try:
            with urllib.request.urlopen(trace) as answer:
                (process,) = json.load(answer)["data"][0]["processes"].values()
        except urllib.error.HTTPError:
            return None
        tags = {tag["key"]: tag["value"] for tag in process["tags"]}
        return tags["service.version"], tags["telemetry.sdk.version"]

    return asyncio.run(wait_until(told, interval=0.2))


def test_a_release_of_another_chassis_serves_beside_the_old_one_takes_over_and_is_rolled_back(
    own_system: System, tmp_path: Path
) -> None:
    own_system.start()
    build(own_system, checkout(tmp_path / "checkout"))

    load = started(own_system, "load", "--rate", "2", "--seconds", "20", "--json")
    trial = started(own_system, "deploy", "payments", VERSION)
    asyncio.run(wait_until(lambda: len(replicas(own_system)) == 2, timeout=60, interval=0.5))
    beside = {versions(own_system, one["port"]) for one in replicas(own_system)}
    promoted = own_system.json("promote", "payments")["outcome"]
    report = json.loads(load.communicate(timeout=120)[0])
    trial.communicate(timeout=60)

    assert beside == {("0.1.0", "0.1.0"), (VERSION, CHASSIS)}
    assert (promoted, report["failed"], report["looks_failed"]) == ("deployed", 0, 0)
    (serving,) = replicas(own_system)
    python = Path(os.fsdecode(Path(f"/proc/{serving['pid']}/cmdline").read_bytes().split(b"\0")[0]))
    assert python.is_relative_to(own_system.state / "environments" / "payments" / VERSION)
    assert own_system.json("rollback", "payments")["release"] == "checkout"
    assert own_system.json("order")["status"] == "confirmed"
