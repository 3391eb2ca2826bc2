"""What a new user does: order, follow the order through every service, read its log lines."""

import json
from typing import Any

import aiohttp
import pytest

from support.system import System

SERVICES = {"edge", "accounts", "inventory", "orders", "payments", "notifications"}


def test_an_order_is_confirmed_and_names_the_ids_to_follow_it_by(system: System) -> None:
    order = system.json("order")

    assert set(order) == {"order_id", "status", "correlation_id", "trace_id", "seconds"}
    assert order["status"] == "confirmed"
    assert 0 < order["seconds"] < 5


@pytest.mark.parametrize("which", ["correlation_id", "trace_id", "order_id"])
def test_any_of_its_ids_finds_one_complete_trace_through_every_service(system: System, which: str) -> None:
    order = system.json("order")

    found = system.json("trace", order[which])

    assert found["correlation_id"] == order["correlation_id"]
    first = found["traces"][0]
    assert first["trace_id"] == order["trace_id"]
    assert first["complete"] is True
    assert set(first["services"]) == SERVICES
    assert _roots(first) == ["edge"]


def test_the_trace_has_a_span_for_every_hop_step_message_and_statement(system: System) -> None:
    order = system.json("order")

    spans = system.json("trace", order["correlation_id"])["traces"][0]["spans"]

    names = {(span["service"], span["kind"], span["name"]) for span in spans}
    assert {("edge", "server", "POST /orders"), ("orders", "server", "POST /orders")} <= names
    assert {name for _, _, name in names if name.startswith("saga.step")} == {
        "saga.step verify_customer",
        "saga.step reserve_stock",
        "saga.step authorise_payment",
        "saga.step commit_reservation",
        "saga.step capture_payment",
    } | {name for _, _, name in names if name == "saga.step confirm"}
    assert ("inventory", "server", "POST /reservations") in names
    assert ("payments", "server", "POST /payments") in names
    assert any(service == "orders" and kind == "producer" for service, kind, _ in names)
    assert any(service == "notifications" and kind == "consumer" for service, kind, _ in names)
    assert {span["service"] for span in spans if "db.system.name" in span["attributes"]} == SERVICES - {"edge"}
    assert {span["attributes"].get("correlation.id") for span in spans} == {order["correlation_id"]}


def test_every_service_logged_the_order_under_its_correlation_id(system: System) -> None:
    order = system.json("order")
    system.json("trace", order["correlation_id"])

    lines = _log_lines(system, order["correlation_id"])

    assert {line["service"] for line in lines} == SERVICES
    assert {line["correlation_id"] for line in lines} == {order["correlation_id"]}
    assert all({"time", "level", "service", "message", "trace_id", "span_id"} <= set(line) for line in lines)
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    assert _log_lines(system, order["order_id"]) == lines


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--card", "tok_decline"), "card-declined"),
        (("--card", "tok_insufficient_funds"), "card-declined"),
        (("--sku", "SOLD-OUT-SEXTANT"), "insufficient-stock"),
    ],
)
def test_a_refused_order_is_cancelled_with_its_reason(system: System, arguments: tuple[str, ...], reason: str) -> None:
    done = system.pharos("order", *arguments, "--json", check=False)

    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert document["status"] == "cancelled"
    assert reason in done.stderr
    assert f"./just trace {document['correlation_id']}" in done.stderr


@pytest.mark.parametrize("card", ["tok_timeout", "tok_duplicate", "tok_slow"])
def test_a_provider_that_is_slow_or_answers_twice_still_leads_to_a_confirmed_order(system: System, card: str) -> None:
    assert system.json("order", "--card", card)["status"] == "confirmed"


async def test_the_same_key_places_one_order_and_replays_its_answer(system: System) -> None:
    async with aiohttp.ClientSession(system.edge) as http:
        token = await _log_in(http, system)
        answers = [await _place(http, token, key="one-key-for-both") for _ in range(2)]
        changed = await _place(http, token, key="one-key-for-both", quantity=2)
        missing = await _place(http, token, key=None)

    assert [status for status, _ in answers] == [201, 201]
    assert answers[0][1] == answers[1][1]
    assert (changed[0], changed[1]["reason"]) == (422, "idempotency-key-reused")
    assert (missing[0], missing[1]["reason"]) == (400, "idempotency-key-missing")


async def test_a_customer_sees_own_orders_only(system: System) -> None:
    order = system.json("order")
    async with aiohttp.ClientSession(system.edge) as http:
        stranger = {"email": "stranger@example.org", "password": "a long enough password", "name": "Stranger"}
        async with http.post("/customers", json=stranger) as reply:
            assert reply.status == 201
        token = await _token(http, stranger["email"], stranger["password"])
        async with http.get(f"/orders/{order['order_id']}", headers={"Authorization": f"Bearer {token}"}) as reply:
            assert reply.status == 404
        async with http.get("/orders", headers={"Authorization": f"Bearer {token}"}) as reply:
            assert (await reply.json())["items"] == []
        async with http.get(f"/orders/{order['order_id']}") as reply:
            assert reply.status == 401


async def test_every_refusal_is_a_problem_document_with_the_correlation_id(system: System) -> None:
    async with aiohttp.ClientSession(system.edge, headers={"X-Correlation-ID": "refusal-0001"}) as http:
        for method, path, status in [
            ("GET", "/nowhere", 404),
            ("DELETE", "/orders", 405),
            ("POST", "/orders", 401),
            ("POST", "/sessions", 422),
            ("GET", "/health/ready/../../products/none", 404),
        ]:
            async with http.request(method, path) as reply:
                problem = await reply.json(content_type="application/problem+json")
                assert (reply.status, path) == (status, path)
                assert problem["correlation_id"] == reply.headers["X-Correlation-ID"] == "refusal-0001"
                assert problem["reason"]
                assert problem["trace_id"] == reply.headers["X-Trace-ID"]


def test_an_unknown_id_is_said_and_fails(system: System) -> None:
    done = system.pharos("trace", "never-seen-before-1", "--wait", "0", check=False)

    assert done.returncode == 1
    assert "never-seen-before-1" in done.stderr
    assert done.stdout == ""


def test_a_load_run_leaves_a_complete_trace_and_joined_logs_for_each_order(system: System) -> None:
    done = system.pharos("load", "--rate", "10", "--count", "30", "--json", check=False)  # 1: the machine was late
    report = json.loads(done.stdout)

    assert (report["sent"], report["ok"], report["failed"]) == (30, 30, 0)
    assert len(set(report["correlation_ids"])) == 30
    for correlation_id in report["correlation_ids"][::3]:
        first = system.json("trace", correlation_id)["traces"][0]
        assert first["complete"]
        assert set(first["services"]) == SERVICES
        assert {line["service"] for line in _log_lines(system, correlation_id)} == SERVICES


def _roots(trace: dict[str, Any]) -> list[str]:
    known = {span["span_id"] for span in trace["spans"]}
    return [span["service"] for span in trace["spans"] if span["parent_span_id"] not in known]


def _log_lines(system: System, identifier: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in system.pharos("logs", identifier, "--json").stdout.splitlines()]


async def _log_in(http: aiohttp.ClientSession, system: System) -> str:
    return await _token(http, "demo@pharos.example", system.demo_password)


async def _token(http: aiohttp.ClientSession, email: str, password: str) -> str:
    async with http.post("/sessions", json={"email": email, "password": password}) as reply:
        assert reply.status == 201, await reply.text()
        return str((await reply.json())["access_token"])


async def _place(
    http: aiohttp.ClientSession, token: str, *, key: str | None, quantity: int = 1
) -> tuple[int, dict[str, Any]]:
    async with http.get("/products") as reply:
        sku = next(item["sku"] for item in (await reply.json())["items"] if item["available"] > 0)
    headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
    order = {"lines": [{"sku": sku, "quantity": quantity}], "card_token": "tok_approve"}
    async with http.post("/orders", json=order, headers=headers) as reply:
        return reply.status, await reply.json(content_type=None)
