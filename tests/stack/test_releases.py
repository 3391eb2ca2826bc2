"""A release takes over while orders are placed, a bad one is stopped by warden and its owner called."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from stack.conftest import confirmed, place_orders
from support.stack import Stack
from support.system import ROOT
from testkit import wait_until

GOOD, BAD = "99.0.0", "99.0.1"
RATE = 6
BATCH = 30
DEFECT = """
import random

from chassis.http.asgi import add_layer


def defect(app):
    async def serve(scope, receive, send):
        path = scope.get("path", "/health/")
        if not path.startswith(("/health/", "/metrics")) and random.random() < 0.5:
            raise RuntimeError("a defect of this release")
        await app(scope, receive, send)

    return serve


add_layer(defect)
"""


def release(stack: Stack, folder: Path, version: str, defect: str = "") -> None:
    """Build a release of payments from the checkout's sources, under another version."""
    source = folder / "payments"
    shutil.copytree(ROOT / "services" / "payments", source)
    project, start = source / "pyproject.toml", source / "src" / "payments" / "__main__.py"
    project.write_text(project.read_text().replace('version = "0.1.0"', f'version = "{version}"'))
    start.write_text(defect + start.read_text())
    stack.json("release", "payments", "--source", str(source))


async def test_a_good_release_takes_over_and_no_order_fails(stack: Stack, tmp_path: Path) -> None:
    release(stack, tmp_path, GOOD)

    deployed, failed = await while_ordering(stack, "deploy", "payments", GOOD)

    assert deployed.returncode == 0, deployed.stderr
    assert "pass, as good as before" in deployed.stderr
    assert failed == 0
    assert serving(stack) == {f"pharos-payments:{GOOD}{stack.project.removeprefix('pharos')}"}
    (payments,) = [one for one in stack.json("status")["services"] if one["name"] == "payments"]
    assert (payments["version"], payments["health"], len(payments["instances"])) == (GOOD, "ok", 1)


async def test_a_bad_release_is_stopped_its_owner_is_called_and_what_served_before_serves(
    stack: Stack, tmp_path: Path
) -> None:
    before, since = serving(stack), len(stack.journal())
    release(stack, tmp_path, BAD, DEFECT)

    refused, _ = await while_ordering(stack, "deploy", "payments", BAD)

    assert refused.returncode == 1
    assert "worse in" in refused.stderr
    told = {one["event"]: one for one in stack.journal()[since:] if one.get("fault") == "release"}
    assert set(told) == {"rolling-back", "rolled-back"}
    assert (told["rolling-back"]["action"], told["rolling-back"]["owner"]) == ("rollback", "team-payments")
    called = await wait_until(lambda: alerts(stack, BAD), timeout=10, interval=0.5, what="the alert")
    assert called == {"team-payments"}
    assert serving(stack) == before
    assert confirmed(stack)


def test_a_rollback_brings_back_the_release_that_served_well(stack: Stack) -> None:
    assert stack.json("rollback", "payments")["release"] == "checkout"
    (image,) = serving(stack)
    assert GOOD not in image
    assert confirmed(stack)


async def while_ordering(stack: Stack, *command: str) -> tuple[subprocess.CompletedProcess[str], int]:
    """How a command ended, and how many of the requests failed that customers made meanwhile."""
    doing = asyncio.create_task(asyncio.to_thread(stack.pharos, *command, check=False))
    failed = 0
    while not doing.done():
        report = await asyncio.to_thread(place_orders, stack, BATCH, RATE)
        failed += report["failed"] + report["looks_failed"]
    return await doing, failed


def serving(stack: Stack) -> set[str]:
    """The images that containers of payments run, one on trial among them."""
    listed = stack.compose("ps", "--format", "json").splitlines()
    found: list[dict[str, Any]] = [json.loads(line) for line in listed]
    return {one["Image"] for one in found if one["Service"] in {"payments", "payments-trial"}}


def alerts(stack: Stack, version: str) -> set[str]:
    """Whom Alertmanager tells that this release was taken back."""
    with urlopen(f"{stack.ports.url('alertmanager')}/api/v2/alerts", timeout=10) as answer:
        found = json.load(answer)
    return {
        receiver["name"]
        for one in found
        if one["labels"]["alertname"] == "ReleaseTakenBack" and version in one["annotations"]["summary"]
        for receiver in one["receivers"]
    }
