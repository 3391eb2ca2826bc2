"""Who is told what, and until when."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from chassis.manifest import Manifest, parse_manifest
from testkit import free_port, wait_until
from warden.alerts import Alert, Notification, alerts_of, over, told
from warden.decide.model import Fleet, Replica
from warden.docker.alertmanager import Alertmanager
from warden.pages import Page, Request, serve

ALERT = Alert({"alertname": "ReplicaQuarantined", "service": "orders"}, {"summary": "…"})


@pytest.fixture
def manifests() -> dict[str, Manifest]:
    common = {"description": "Something", "tier": 1}
    return {
        name: parse_manifest(common | {"name": name, "owner": f"team-{name}", "pager": f"{name}@x.example"})
        for name in ("orders", "edge")
    }


def due(manifests: dict[str, Manifest], fleet: Fleet) -> list[Alert]:
    return alerts_of(fleet, manifests, manifests["edge"])


def test_the_owner_of_a_replica_in_quarantine_is_told_how_to_lift_it(manifests: dict[str, Manifest]) -> None:
    fleet = Fleet({one.instance: one for one in (Replica("orders-1", "orders", phase="quarantined"),)})
    (alert,) = due(manifests, fleet)
    assert (alert.labels["service"], alert.labels["instance"]) == ("orders", "orders-1")
    assert (alert.labels["owner"], alert.labels["severity"]) == ("team-orders", "page")
    assert "./just resume orders-1" in alert.annotations["description"]


def test_a_part_without_a_manifest_and_warden_itself_belong_to_the_fallbacks_owner(
    manifests: dict[str, Manifest],
) -> None:
    fleet = Fleet({"nats-1": Replica("nats-1", "nats", phase="quarantined")}, suspected=1.0, called=True)
    assert {one.labels["owner"] for one in due(manifests, fleet)} == {"team-edge"}
    assert {one.labels["service"] for one in due(manifests, fleet)} == {"nats", "warden"}


def test_nobody_is_told_of_what_heals_itself(manifests: dict[str, Manifest]) -> None:
    assert due(manifests, Fleet({"orders-1": Replica("orders-1", "orders", phase="down")})) == []


def test_an_alert_ends_when_it_is_due_no_more() -> None:
    assert over([ALERT], [ALERT], 0.0) == []
    (ended,) = over([ALERT], [], 0.0)
    assert (ended.labels, ended.ends_at) == (ALERT.labels, "1970-01-01T00:00:00+00:00")


def test_alerts_of_others_are_journalled_when_they_fire_and_when_they_end_and_our_own_are_not() -> None:
    labels = {"alertname": "ErrorBudgetBurn", "service": "orders"}
    sent = {
        "version": "4",
        "alerts": [
            {"status": "firing", "labels": labels, "annotations": {"summary": "orders fails"}},
            {"status": "resolved", "labels": labels, "annotations": {"summary": "orders fails"}},
            {"status": "firing", "labels": ALERT.labels},
        ],
    }
    decisions = told(msgspec.json.decode(json.dumps(sent), type=Notification))
    assert [(one.event, one.action, one.fault, one.service) for one in decisions] == [
        ("paged", "page", "alert", "orders"),
        ("resolved", "", "alert", "orders"),
    ]
    assert decisions[0].reason == "ErrorBudgetBurn: orders fails"


async def test_alertmanager_is_told_of_an_alert_and_of_its_end_also_when_it_comes_later() -> None:
    port, received, now = free_port(), [], [ALERT]

    def take(request: Request) -> Page:
        received.append(json.loads(request.body))
        return Page(200, "application/json", b"")

    def current() -> Sequence[Alert]:
        return now

    running = asyncio.create_task(Alertmanager("127.0.0.1", port, current).run())
    try:
        await asyncio.sleep(0)  # it finds nobody there
        async with await serve("127.0.0.1", port, {"POST /api/v2/alerts": take}):
            await wait_until(lambda: len(received) == 1, timeout=10, what="the alert")
            now.clear()
            await wait_until(lambda: len(received) == 2, timeout=10, what="its end")
    finally:
        running.cancel()
    assert _said(received) == [(ALERT.labels, False), (ALERT.labels, True)]


def _said(received: list[Any]) -> list[tuple[dict[str, str], bool]]:
    return [(one["labels"], "endsAt" in one) for alerts in received for one in alerts]
