"""Customers over HTTP: register, show, change."""

import asyncio
from uuid import uuid4

import pytest

from conftest import PASSWORD, System


async def test_one_who_registers_is_a_customer_under_a_normalised_address(system: System) -> None:
    local = uuid4().hex
    answer = await system.register(f" {local.upper()}@Example.org ", name="  Ada   Lovelace ")
    assert answer.status == 201
    assert answer.body["email"] == f"{local}@example.org"
    assert answer.body["name"] == "Ada Lovelace"
    assert set(answer.body) == {"customer_id", "email", "name", "created_at"}


async def test_an_address_belongs_to_one_customer(system: System) -> None:
    email = f"{uuid4().hex}@example.org"
    answers = await asyncio.gather(*(system.register(spelled) for spelled in (email, email.upper(), email)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409]
    assert {answer.reason for answer in answers if answer.status == 409} == {"email-taken"}
    assert len(await system.rows("SELECT 1 FROM customer WHERE email = $1", email)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"password": "too short"}, "password"),
        ({"password": "aaaaaaaaaaaaaaaa"}, "password"),
        ({"name": "   "}, "name"),
        ({"name": 7}, "name"),
        ({"age": 7}, "age"),
    ],
)
async def test_bad_input_names_its_field(system: System, change: dict[str, object], field: str) -> None:
    body = {"email": f"{uuid4().hex}@example.org", "password": PASSWORD, "name": "Ada"} | change
    answer = await system.call("POST", "/customers", json=body)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_malformed_json_is_told_apart_from_invalid_fields(system: System) -> None:
    answer = await system.call("POST", "/customers", data=b'{"email": ', headers={"Content-Type": "application/json"})
    assert (answer.status, answer.reason) == (400, "malformed-json")


async def test_a_registration_is_told_without_personal_data(system: System) -> None:
    customer = (await system.register(name="Grace Hopper")).body
    (event,) = await system.rows("SELECT type, data FROM outbox WHERE subject = $1", customer["customer_id"])
    assert event["type"] == "accounts.customer.registered.v1"
    assert customer["email"] not in event["data"]
    assert "Grace" not in event["data"]


async def test_customers_see_and_change_their_own_profile(system: System) -> None:
    customer, token = await system.customer()
    assert (await system.call("GET", "/customers/me", token=token)).body == customer
    unchanged = await system.call("PATCH", "/customers/me", json={}, token=token)
    assert (unchanged.status, unchanged.body) == (200, customer)
    renamed = await system.call("PATCH", "/customers/me", json={"name": "Countess Lovelace"}, token=token)
    assert renamed.body == customer | {"name": "Countess Lovelace"}
    assert (await system.call("GET", "/customers/me", token=token)).body == renamed.body


@pytest.mark.parametrize(
    ("change", "field"), [({"name": None}, "name"), ({"name": ""}, "name"), ({"email": "x"}, "email")]
)
async def test_a_change_that_cannot_be_is_refused(system: System, change: dict[str, object], field: str) -> None:
    _, token = await system.customer()
    answer = await system.call("PATCH", "/customers/me", json=change, token=token)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_services_see_customers_and_others_do_not(system: System) -> None:
    customer, token = await system.customer()
    path = f"/customers/{customer['customer_id']}"
    assert (await system.call("GET", path, caller="orders")).body == customer
    assert (await system.call("GET", path)).status == 401
    assert (await system.call("GET", path, token=token)).status == 401
    assert (await system.call("GET", path, caller="operator")).status == 403
    unknown = await system.call("GET", f"/customers/{uuid4()}", caller="orders")
    assert (unknown.status, unknown.reason) == (404, "customer-unknown")
    assert (await system.call("GET", "/customers/me")).status == 401


async def test_an_audit_lists_customers_without_personal_data(system: System) -> None:
    made = [(await system.register()).body["customer_id"] for _ in range(3)]
    listed, cursor = [], ""
    while True:
        page = (await system.call("GET", f"/audit/customers?limit=2{cursor}", caller="operator")).body
        assert all(set(item) == {"customer_id", "created_at"} for item in page["items"])
        listed += [item["customer_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert listed[-3:] == made
    assert len(set(listed)) == len(listed) == len(await system.rows("SELECT 1 FROM customer"))
