"""Requests that together reach every operation of every service, and every edge between two of them."""

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from chassis.auth.keys import SigningKey
from chassis.auth.tokens import ServiceTokens
from chassis.discovery import Endpoints, parse_endpoints
from chassis.environment import Secret
from support.system import System
from testkit import wait_until

SOLD_OUT = "SOLD-OUT-SEXTANT"
MESSAGING = ("accounts", "inventory", "notifications", "orders", "payments")
CONSUMERS = ("inventory", "notifications", "payments")


class Caller:
    """One who calls the system: as a customer through edge, or as the operator at a service itself."""

    def __init__(self, system: System, http: aiohttp.ClientSession) -> None:
        self._edge = system.edge
        self._http = http
        self._endpoints: Endpoints = parse_endpoints((system.state / "endpoints.json").read_bytes())
        key = Secret((system.state / "secrets" / "key-operator.jwk").read_text())
        self._tokens = ServiceTokens("operator", SigningKey.parse(key))
        self.token = ""

    async def customer(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """A request through the public port; its answer must be a success."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        return await self._send(method, f"{self._edge}{path}", body, sent)

    async def operator(self, service: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """A request of the operator's to a replica; its answer must be a success."""
        return await self._send(*self._to_replica(service, method, path), body, self._headers(service))

    async def operator_misses(self, service: str, method: str, path: str) -> None:
        """A request of the operator's for what is not there."""
        method, url = self._to_replica(service, method, path)
        async with self._http.request(method, url, headers=self._headers(service)) as reply:
            assert reply.status == 404, f"{method} {url}: {reply.status}"

    async def order(self, sku: str, card: str = "tok_approve") -> dict[str, Any]:
        """Place an order and wait until it is confirmed or cancelled."""
        body = {"lines": [{"sku": sku, "quantity": 1}], "card_token": card}
        placed = await self.customer("POST", "/orders", body, Idempotency_Key=str(uuid.uuid4()))

        async def settled() -> dict[str, Any]:
            order = await self.customer("GET", f"/orders/{placed['order_id']}")
            return order if order["status"] != "pending" else {}

        return placed if placed["status"] != "pending" else await wait_until(settled, timeout=60, interval=0.1)

    def _to_replica(self, service: str, method: str, path: str) -> tuple[str, str]:
        return method, f"{self._endpoints.services[service][0].url}{path}"

    def _headers(self, service: str) -> dict[str, str]:
        return {"X-Service-Token": self._tokens.token_for(service), "Idempotency-Key": str(uuid.uuid4())}

    async def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> dict[str, Any]:
        async with self._http.request(method, url, json=body, headers=headers) as reply:
            content = await reply.read()
            assert reply.ok, f"{method} {url}: {reply.status} {content!r}"
            return msgspec.json.decode(content, type=dict[str, Any]) if content else {}


async def visit_everything(system: System) -> None:
    """Go through all journeys once."""
    async with aiohttp.ClientSession() as http:
        caller = Caller(system, http)
        await _be_a_customer(caller)
        confirmed = await _order(caller)
        await _look_as_the_operator(system, caller, confirmed)


async def _be_a_customer(caller: Caller) -> None:
    person = {"email": f"{uuid.uuid4().hex}@example.org", "password": "a long enough password", "name": "Visitor"}
    await caller.customer("POST", "/customers", person)
    credentials = {"email": person["email"], "password": person["password"]}
    caller.token = (await caller.customer("POST", "/sessions", credentials))["access_token"]
    await caller.customer("GET", "/customers/me")
    await caller.customer("PATCH", "/customers/me", {"name": "Frequent Visitor"})
    await caller.customer("GET", "/.well-known/jwks.json")


async def _order(caller: Caller) -> dict[str, Any]:
    products = (await caller.customer("GET", "/products"))["items"]
    sku = next(product["sku"] for product in products if product["available"] > 0)
    await caller.customer("GET", f"/products/{sku}")
    confirmed = await caller.order(sku)
    assert confirmed["status"] == "confirmed", confirmed
    assert (await caller.order(sku, "tok_decline"))["status"] == "cancelled"
    assert (await caller.order(SOLD_OUT))["status"] == "cancelled"
    regretted = await caller.order(sku)
    await caller.customer("POST", f"/orders/{regretted['order_id']}/cancel")
    await _regret_in_time(caller, sku)
    await caller.customer("GET", "/orders")
    await caller.customer("GET", f"/orders/{confirmed['order_id']}")
    return confirmed


async def _regret_in_time(caller: Caller, sku: str) -> None:
    """Cancel an order while its bank is slow, so that the authorised payment is voided."""
    placing = asyncio.create_task(caller.order(sku, "tok_slow"))

    async def being_authorised() -> str | None:
        payments = (await caller.operator("payments", "GET", "/audit/payments?limit=100"))["items"]
        return next((payment["order_id"] for payment in payments if payment["status"] == "pending"), None)

    await caller.customer("POST", f"/orders/{await wait_until(being_authorised)}/cancel")
    assert (await placing)["status"] == "cancelled"


async def _look_as_the_operator(system: System, caller: Caller, order: dict[str, Any]) -> None:
    sku = order["lines"][0]["sku"]
    await caller.operator("inventory", "POST", "/restocks", {"sku": sku, "quantity": 1})
    await caller.operator("inventory", "GET", f"/reservations/{await _reservation_of(system, order)}")
    for service, path in [
        ("accounts", "/audit/customers"),
        ("inventory", "/audit/stock"),
        ("inventory", "/audit/reservations"),
        ("orders", "/audit/orders"),
        ("orders", "/audit/sagas"),
        ("payments", "/audit/ledger"),
        ("notifications", "/audit/notifications"),
        ("notifications", f"/notifications?order_id={order['order_id']}"),
        *((service, path) for service in MESSAGING for path in ("/audit/events", "/audit/messages")),
        *((service, path) for service in CONSUMERS for path in ("/dead-letters", "/dead-letter-replays")),
    ]:
        await caller.operator(service, "GET", path)
    for service in CONSUMERS:
        await caller.operator_misses(service, "GET", "/dead-letters/0")
        await caller.operator_misses(service, "POST", "/dead-letters/0/replay")
    notified = (await caller.operator("notifications", "GET", "/audit/notifications"))["items"]
    await caller.operator("notifications", "GET", f"/notifications/{notified[0]['notification_id']}")
    payments = (await caller.operator("payments", "GET", "/audit/payments"))["items"]
    await caller.operator("payments", "GET", f"/payments/{payments[0]['payment_id']}")


async def _reservation_of(system: System, order: dict[str, Any]) -> str:
    """The reservation that an order's trace names."""
    found = await asyncio.to_thread(system.json, "trace", order["order_id"])
    spans = found["traces"][0]["spans"]
    return next(str(span["attributes"]["reservation.id"]) for span in spans if "reservation.id" in span["attributes"])
