"""The commands of a running system, in containers as without them."""

import json
import stat
import urllib.error
import urllib.request

import pytest

from stack.conftest import Run
from support.follow import SERVICES
from support.stack import Stack

BESIDE = {"warden", "docker-proxy", "postgres", "nats", "mail"}
BACKENDS = {"collector", "jaeger", "prometheus", "alertmanager", "loki"}
PARTS = SERVICES | BESIDE | BACKENDS


def test_up_says_what_runs_and_what_was_left_out(stack: Stack) -> None:
    health = {part["name"]: part["health"] for part in stack.up["services"]}
    assert stack.up["mode"] == "docker"
    assert stack.up["ready"] is True
    assert health == dict.fromkeys(PARTS, "ok") | {"grafana": "absent"}
    assert stack.up["endpoints"]["edge"] == stack.edge


def test_status_shows_each_container(stack: Stack) -> None:
    document = stack.json("status")
    instances = {part["name"]: part.get("instances", []) for part in document["services"]}
    assert document["mode"] == "docker"
    assert {name for name, found in instances.items() if len(found) == 1 and found[0]["pid"] > 0} == PARTS
    assert instances["grafana"] == []


def test_an_order_is_followed_by_the_same_commands(stack: Stack) -> None:
    order = stack.json("order")
    for which in ("correlation_id", "trace_id", "order_id"):
        first = stack.json("trace", order[which], "--wait", "20")["traces"][0]
        assert first["trace_id"] == order["trace_id"]
        assert first["complete"]
        assert set(first["services"]) == SERVICES

    said = stack.pharos("logs", order["correlation_id"], "--json", "--wait", "20").stdout
    lines = [json.loads(line) for line in said.splitlines()]
    assert {line["service"] for line in lines} == SERVICES
    assert {line["trace_id"] for line in lines} == {order["trace_id"]}
    assert not any("telemetry_sdk_name" in line for line in lines)


def test_the_printed_link_leads_to_jaegers_page_of_the_trace(stack: Stack) -> None:
    order = stack.json("order")
    said = stack.pharos("trace", order["trace_id"], "--wait", "20").stdout
    link = f"{stack.ports.url('jaeger')}/trace/{order['trace_id']}"
    assert link in said
    with urllib.request.urlopen(link, timeout=10) as answer:
        assert answer.status == 200


def test_a_second_up_starts_nothing(stack: Stack) -> None:
    again = stack.pharos("up", "--docker", "--json")
    assert json.loads(again.stdout)["ready"] is True
    assert "running already" in again.stderr


def test_the_other_mode_is_refused_with_the_command_that_stops_this_one(stack: Stack) -> None:
    refused = stack.pharos("up", "--embedded", check=False)
    assert refused.returncode == 1
    assert "docker" in refused.stderr.lower()
    assert "./just down" in refused.stderr


def test_secrets_are_closed_to_others(stack: Stack) -> None:
    folder = stack.state / "docker" / "secrets"
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert modes["grafana-admin"] == 0o600
    assert set(modes.values()) == {0o600}


def test_the_books_agree_after_all_orders(stack: Stack, orders: Run) -> None:
    audit = stack.json("audit")
    rules = {rule["name"]: rule for rule in audit["invariants"]}
    assert audit["ok"]
    assert [rule for rule in rules.values() if rule["violations"]] == []
    for name in ("captured - refunded = confirmed orders", "reservations sold = confirmed orders"):
        assert rules[name]["checked"] >= len(orders.correlation_ids)
    assert rules["no e-mail kept twice"]["checked"] >= len(orders.correlation_ids)


def test_there_are_no_dead_letters(stack: Stack) -> None:
    assert stack.json("dlq", "list") == {"dead_letters": []}


def test_a_service_on_its_published_port_answers_nobody_without_the_operators_token(stack: Stack) -> None:
    port = stack.instance("orders-1")["port"]
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/audit/orders", timeout=10)
    assert refused.value.code == 401


def test_a_database_is_backed_up_and_its_migrations_are_shown(stack: Stack) -> None:
    stack.json("order")
    backup = stack.json("backup", "orders")
    assert backup["rows"]["customer_order"] >= 1
    migrations = stack.json("migrate", "orders", "--status")
    assert migrations["applied"] == backup["migrations"]
    assert (migrations["pending"], migrations["unknown"]) == ([], [])


def test_mail_reaches_the_sink(stack: Stack, orders: Run) -> None:
    """One for each confirmed order, kept as a file."""
    kept = stack.compose(
        "exec", "-T", "mail", "python", "-c", "import os; print(len(os.listdir('/var/mail/pharos/new')))"
    )
    assert int(kept) >= len(orders.correlation_ids)
