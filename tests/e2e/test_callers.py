"""Who may call what: every operation of every service, asked by every possible caller, as the manifests say."""

import json
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import aiohttp
import pytest

from chassis.auth.header import SERVICE_TOKEN_HEADER
from chassis.auth.keys import SigningKey
from chassis.auth.tokens import ServiceTokens
from chassis.discovery import parse_endpoints
from chassis.environment import Secret
from chassis.manifest import Manifest, load_manifest
from pharos.storefront import DEMO_CUSTOMER
from support.system import ROOT, System

MANIFESTS = {file.parent.name: load_manifest(file) for file in sorted(ROOT.glob("services/*/service.toml"))}
SENDERS = [*MANIFESTS, "edge", "operator"]
NOBODY, USER = "nobody", "a user"
REFUSED = {401, 403}
ID = "018f6b7e-6d0a-7c3e-9b55-2f4f1f7f0001"


class Operation(NamedTuple):
    """An operation of an OpenAPI file, with parameters in its path filled in; `access` is public, user or service."""

    service: str
    name: str
    method: str
    path: str
    access: str


def _operations() -> Iterator[Operation]:
    for service in MANIFESTS:
        document = json.loads((ROOT / "services" / service / "openapi.json").read_text())
        for path, item in document["paths"].items():
            for method, one in item.items():
                schemes = {name for scheme in one["security"] for name in scheme}
                access = "user" if "userToken" in schemes else "service" if "serviceToken" in schemes else "public"
                yield Operation(service, one["operationId"], method.upper(), _filled(path, one), access)


def _filled(path: str, operation: dict[str, Any]) -> str:
    for parameter in operation.get("parameters", ()):
        value = "1" if parameter["schema"].get("type") == "integer" else ID
        path = path.replace(f"{{{parameter['name']}}}", value)
    return path


OPERATIONS = list(_operations())


def _may(manifest: Manifest, operation: Operation, caller: str) -> bool:
    """What the manifest says, read on its own."""
    if operation.access == "public":
        return True
    if operation.access == "user":
        return caller == USER
    return operation.name in manifest.callers.get(caller, ())


class Asker:
    """Asks as anybody; no request has a body, so that one let in is answered 4xx and changes nothing."""

    def __init__(self, system: System, http: aiohttp.ClientSession) -> None:
        self._system = system
        self._http = http
        self._addresses = parse_endpoints((system.state / "endpoints.json").read_bytes()).services
        self._user = ""

    async def log_in(self) -> None:
        """Become the demo customer as well."""
        credentials = {"email": DEMO_CUSTOMER, "password": self._system.demo_password}
        async with self._http.post(f"{self._system.edge}/sessions", json=credentials) as reply:
            self._user = (await reply.json())["access_token"]

    async def ask(self, operation: Operation, caller: str) -> int:
        """The status of the answer."""
        url = f"{self._addresses[operation.service][0].url}{operation.path}"
        headers = {"Idempotency-Key": str(uuid.uuid4()), **self._token(caller, operation.service)}
        async with self._http.request(operation.method, url, headers=headers) as reply:
            return reply.status

    def _token(self, caller: str, audience: str) -> dict[str, str]:
        if caller == NOBODY:
            return {}
        if caller == USER:
            return {"Authorization": f"Bearer {self._user}"}
        key = SigningKey.parse(Secret((self._system.state / "secrets" / f"key-{caller}.jwk").read_text()))
        return {SERVICE_TOKEN_HEADER: ServiceTokens(caller, key).token_for(audience)}


@pytest.mark.parametrize("service", MANIFESTS)
async def test_each_caller_reaches_just_what_the_manifest_lets_it(system: System, service: str) -> None:
    wrong = []
    async with aiohttp.ClientSession() as http:
        asker = Asker(system, http)
        await asker.log_in()
        for operation in (one for one in OPERATIONS if one.service == service):
            for caller in (NOBODY, USER, *SENDERS):
                status = await asker.ask(operation, caller)
                if (status not in REFUSED) is not _may(MANIFESTS[service], operation, caller):
                    wrong.append(f"{caller}: {operation.name} answered {status}")
                if status >= 500 and operation.name not in {"health_ready", "health_live", "health_startup"}:
                    wrong.append(f"{caller}: {operation.name} failed with {status}")
    assert wrong == []


def test_every_operation_and_every_caller_is_asked() -> None:
    assert {operation.service for operation in OPERATIONS} == set(MANIFESTS)
    named = {caller for manifest in MANIFESTS.values() for caller in manifest.callers}
    assert named <= set(SENDERS)
    declared = {(one.service, one.name) for one in OPERATIONS if one.access == "service"}
    allowed = {
        (name, operation)
        for name, manifest in MANIFESTS.items()
        for operations in manifest.callers.values()
        for operation in operations
    }
    assert allowed <= declared


async def test_what_one_service_calls_its_callee_lets_it() -> None:
    for name, manifest in MANIFESTS.items():
        for callee, operations in manifest.calls.items():
            assert set(operations) <= set(MANIFESTS[callee].callers.get(name, ())), f"{name} calls {callee}"


class Person(NamedTuple):
    """A customer who is logged in."""

    token: str

    @property
    def headers(self) -> dict[str, str]:
        """For a request of theirs."""
        return {"Authorization": f"Bearer {self.token}"}


async def _person(http: aiohttp.ClientSession) -> Person:
    body = {"email": f"{uuid.uuid4().hex}@example.org", "password": "a long enough password", "name": "Somebody"}
    async with http.post("/customers", json=body) as reply:
        assert reply.status == 201
    async with http.post("/sessions", json={"email": body["email"], "password": body["password"]}) as reply:
        return Person((await reply.json())["access_token"])


async def _order(http: aiohttp.ClientSession, person: Person, key: str, correlation: str) -> tuple[int, str]:
    body = {"lines": [{"sku": "MUG-BLUE", "quantity": 1}], "card_token": "tok_approve"}
    headers = {**person.headers, "Idempotency-Key": key, "X-Correlation-ID": correlation}
    async with http.post("/orders", json=body, headers=headers) as reply:
        return reply.status, str((await reply.json(content_type=None)).get("order_id"))


async def test_a_customer_neither_sees_nor_changes_anothers_order(system: System) -> None:
    """Not by its number, its list, its correlation ID or its Idempotency-Key; it is as if there were none: 404."""
    key, correlation = f"key-{uuid.uuid4().hex}", f"ours-{uuid.uuid4().hex}"
    async with aiohttp.ClientSession(system.edge) as http:
        owner, other = await _person(http), await _person(http)
        _, order = await _order(http, owner, key, correlation)

        answers = []
        for method, path in (("GET", f"/orders/{order}"), ("POST", f"/orders/{order}/cancel")):
            headers = {**other.headers, "X-Correlation-ID": correlation}
            async with http.request(method, path, headers=headers) as reply:
                answers.append((reply.status, (await reply.json(content_type=None))["reason"]))
            async with http.request(method, path.replace(order, ID), headers=headers) as reply:
                answers.append((reply.status, (await reply.json(content_type=None))["reason"]))
        async with http.get("/orders", headers=other.headers) as reply:
            listed = (await reply.json())["items"]
        status, second = await _order(http, other, key, correlation)
        async with http.get(f"/orders/{order}", headers=owner.headers) as reply:
            kept = (await reply.json())["status"]

    assert answers == [(404, "order-not-found")] * 4
    assert listed == []
    assert status in {201, 202}
    assert second not in {order, "None"}
    assert kept in {"pending", "confirmed"}
