"""Experiments with containers: what is broken on purpose is noticed, judged, and undone."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from asyncio import create_subprocess_exec
from typing import Any
from urllib.request import urlopen

import pytest

from chaos import containers
from chaos.errors import ChaosError
from pharos.state import find_docker
from stack.conftest import confirmed
from support.stack import DAY_NS, Stack
from support.system import ROOT
from testkit import wait_until
from warden.layout import StateFolder

QUOTA = "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1 /sys/fs/cgroup/cpu.max"
CHAOS = (sys.executable, "-P", "-m", "chaos")


@pytest.fixture(scope="module", autouse=True)
def led(stack: Stack) -> None:
    """The shared system, started with Toxiproxy. These tests are the last to use it, since nothing is deployed then."""
    if "toxiproxy" not in {part["name"] for part in stack.json("status")["services"]}:
        stack.stop()
        stack.start("--docker", "--chaos", "--without", "grafana")
    # The tests before may just have restarted something, and nothing is broken in a system that is not well.
    asyncio.run(wait_until(lambda: stack.json("status")["ready"], timeout=60, interval=1, what="all is well"))


def verdict(stack: Stack, *words: str) -> dict[str, Any]:
    """That of one run; it may have failed, since a busy machine is slow."""
    done = subprocess.run(
        [*CHAOS, *words, "--json", "--state", str(stack.state)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def proxy(stack: Stack, name: str) -> dict[str, Any]:
    """What Toxiproxy says of one."""
    with urlopen(f"{stack.ports.url('toxiproxy')}/proxies/{name}", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_a_killed_container_is_noticed_and_started_again_and_no_order_is_lost(stack: Stack) -> None:
    found = verdict(stack, "kill", "--target", "payments-1")

    measured = found["measured"]
    assert measured["method"] == []
    assert 0 < measured["detection_seconds"] < measured["recovery_seconds"]
    assert (measured["restarts"], measured["bystanders"]) == (1, {})
    assert (measured["orders"]["lost"], measured["orders"]["doubled"]) == (0, 0)
    assert measured["orders"]["acknowledged"] > 0
    assert found["mode"] == "docker"
    assert found["cold_start_seconds"] > 0


async def test_the_network_to_the_database_is_broken_and_whole_again_and_that_is_told(stack: Stack) -> None:
    found = verdict(stack, "store-black-hole", "--target", "postgres")

    measured = found["measured"]
    assert measured["method"] == []
    assert measured["requests"]["failed"] > 0
    assert measured["service_seconds"] > 0
    assert (measured["restarts"], measured["bystanders"]) == (0, {})
    assert (measured["orders"]["lost"], measured["orders"]["doubled"]) == (0, 0)
    assert proxy(stack, "postgres")["toxics"] == []
    trace_id = found["links"]["trace"].rpartition("/")[2]
    await wait_until(lambda: stack.jaeger.trace(trace_id), timeout=30, interval=1, what="the verdict's span")
    await wait_until(lambda: _lines(stack, trace_id), timeout=30, interval=1, what="its line")


async def test_what_a_killed_run_had_done_is_undone(stack: Stack) -> None:
    down = (*CHAOS, "database-down", "--state", str(stack.state))
    run = await create_subprocess_exec(*down, cwd=ROOT, stderr=subprocess.DEVNULL)
    await wait_until(lambda: not proxy(stack, "postgres")["enabled"], timeout=60, interval=0.2, what="the fault")

    run.send_signal(signal.SIGKILL)
    await run.wait()

    await wait_until(lambda: proxy(stack, "postgres")["enabled"], interval=0.2, what="the fault's end")
    await wait_until(lambda: confirmed(stack), timeout=60, interval=1, what="an order that is confirmed")


def test_a_container_is_paused_and_limited_and_what_needs_no_undoing_is_left(stack: Stack) -> None:
    system = find_docker(StateFolder(stack.state))
    assert system
    mail = containers.running(system, "mail")

    containers.pause(mail.id)
    with pytest.raises(ChaosError, match="mail-1 does not run"):
        containers.running(system, "mail-1")
    containers.unpause(mail.id)
    containers.unpause(mail.id)
    assert containers.running(system, "mail-1").pid == mail.pid

    containers.limit_cpu(mail.id, 20_000)
    assert stack.compose("exec", "-T", "mail", "sh", "-c", QUOTA).strip() == "20000"
    containers.unlimit_cpu(mail.id)
    containers.unlimit_cpu("0" * 64)
    assert stack.compose("exec", "-T", "mail", "sh", "-c", QUOTA).strip() in {"-1", "max"}


@pytest.mark.parametrize("name", ["disk-full", "clock-jump", "kill-warden"])
def test_what_has_no_real_mechanism_with_containers_is_refused(stack: Stack, name: str) -> None:
    done = subprocess.run(
        [*CHAOS, name, "--state", str(stack.state)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3
    assert "not in this mode" in done.stderr


def _lines(stack: Stack, trace_id: str) -> list[Any]:
    now = time.time_ns()
    return stack.loki.lines([("trace_id", trace_id)], now - DAY_NS, now + DAY_NS)
