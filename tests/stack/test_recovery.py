"""Warden heals containers: whatever ends or hangs is started again, and nothing else is touched."""

import subprocess
import time
from collections.abc import Mapping
from typing import Any

import pytest

from stack.conftest import Run, confirmed
from support.stack import DAY_NS, Stack
from testkit import wait_until


@pytest.fixture
def since(stack: Stack) -> int:
    """How many entries the journal has before the test."""
    return len(stack.journal())


def test_a_thousand_orders_on_a_busy_machine_are_no_fault(stack: Stack, orders: Run) -> None:
    """What is slow is held at most, and people may be called for it; nothing is ended or started."""
    meanwhile = [entry for entry in stack.journal() if orders.began <= entry["time"] <= orders.ended]
    decided = [entry for entry in meanwhile if entry.get("fault") != "alert"]
    assert [entry for entry in decided if entry.get("action", "hold") != "hold"] == []


@pytest.mark.parametrize("victim", ["payments", "nats", "collector"])
async def test_a_container_that_is_killed_is_started_again_and_no_other(stack: Stack, since: int, victim: str) -> None:
    before = started(stack)
    stack.compose("kill", "--signal", "KILL", victim)

    entries = await events(stack, since, victim, "ready")

    assert [entry["event"] for entry in entries] == ["exited", "ready"]
    assert entries[0]["fault"] == "exit"
    assert changed(before, started(stack)) == {f"{victim}-1"}
    assert stack.instance(f"{victim}-1")["restarts"] >= 1


async def test_a_service_that_hangs_is_ended_and_started_again(stack: Stack, since: int) -> None:
    before = started(stack)
    stack.compose("kill", "--signal", "STOP", "inventory")

    entries = await events(stack, since, "inventory", "ready")

    told = [entry for entry in entries if entry["event"] != "unready"]
    assert [entry["event"] for entry in told] == ["hung", "stopped", "ready"]
    assert told[0]["owner"] == "team-warehouse"
    assert changed(before, started(stack)) == {"inventory-1"}


async def test_services_wait_for_a_database_that_is_away_and_only_the_database_is_started_again(
    stack: Stack, since: int
) -> None:
    before = started(stack)
    stack.compose("kill", "--signal", "KILL", "postgres")

    await events(stack, since, "postgres", "ready")
    await wait_until(lambda: stack.json("status")["ready"], timeout=60, interval=1, what="everything to be ready")

    assert changed(before, started(stack)) == {"postgres-1"}
    held = [entry for entry in stack.journal()[since:] if entry["event"] == "unready"]
    assert {entry["fault"] for entry in held} <= {"dependency"}
    assert stack.json("order")["status"] == "confirmed"


async def test_a_decision_is_told_as_a_trace_a_log_line_and_a_metric(stack: Stack, since: int) -> None:
    stack.compose("kill", "--signal", "KILL", "mail")
    exited = (await events(stack, since, "mail", "ready"))[0]

    def span() -> Any:
        trace = stack.jaeger.trace(exited["trace_id"])
        return next((one for one in trace.spans if one.span_id == exited["span_id"]), None) if trace else None

    found = await wait_until(span, timeout=30, interval=1, what="the span of the decision")
    assert (found.service, found.name) == ("warden", "warden.recovery")
    line = await wait_until(lambda: _lines(stack, exited["trace_id"]), timeout=30, interval=1, what="its line")
    assert "mail-1 exited" in line[0].message
    counted = 'warden_decisions_total{recovery_event="exited",recovery_service="mail"}'
    await wait_until(lambda: stack.value(counted) >= 1, timeout=30, interval=1, what="the metric")


async def test_a_warden_that_was_killed_goes_on_with_what_it_finds(stack: Stack, since: int) -> None:
    before = started(stack)
    stack.compose("kill", "--signal", "KILL", "warden")
    stack.compose("kill", "--signal", "KILL", "accounts")
    assert stack.journal()[since:] == []
    stack.compose("start", "warden")

    await events(stack, since, "accounts", "ready")

    assert changed(before, started(stack)) == {"accounts-1", "warden-1"}
    await wait_until(lambda: confirmed(stack), timeout=60, interval=1, what="an order that is confirmed")


async def events(stack: Stack, since: int, service: str, last: str) -> list[dict[str, Any]]:
    """What the journal has of a service since then, up to an event, which is waited for."""

    def found() -> list[dict[str, Any]]:
        entries = [entry for entry in stack.journal()[since:] if entry.get("service") == service]
        return entries if entries and entries[-1]["event"] == last else []

    return await wait_until(found, timeout=60, interval=1, what=f"{service} to be {last}")


def started(stack: Stack) -> Mapping[str, str]:
    """When each container was started last."""
    words = stack.compose("ps", "--all", "--quiet").split()
    said = subprocess.run(
        ["docker", "inspect", "--format", "{{.Name}} {{.State.StartedAt}}", *words],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    project = stack.project
    return {name.removeprefix(f"/{project}-"): at for name, at in map(str.split, said.splitlines())}


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    """The containers that were started since."""
    return {name for name, at in now.items() if before.get(name) != at}


def _lines(stack: Stack, trace_id: str) -> list[Any]:
    now = time.time_ns()
    return stack.loki.lines([("trace_id", trace_id)], now - DAY_NS, now + DAY_NS)
