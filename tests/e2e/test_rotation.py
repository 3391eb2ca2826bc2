"""New signing keys for a running system, while orders are placed: nobody notices."""

import json
import threading
import time
from typing import Any
from uuid import uuid4

import aiohttp
import psutil

from chassis.auth.keys import SigningKey
from chassis.auth.tokens import ServiceTokens
from chassis.discovery.endpoints import parse_endpoints
from chassis.environment import Secret
from support.system import System
from testkit import wait_until

SERVICES = {"edge", "accounts", "inventory", "orders", "payments", "notifications"}
LEAD_S = 1.0
REFETCH_S = 30.0
"""So long a verifier does not look again; with the lead that users have, it looks long before the key is used."""


async def test_keys_change_while_orders_are_placed_and_no_order_fails(system: System) -> None:
    assert system.json("order")["status"] == "confirmed"
    await wait_until(lambda: _age(system) > REFETCH_S + 10, timeout=60, interval=0.5)
    before = {service: await _published(system, service) for service in SERVICES}
    report: dict[str, Any] = {}

    def place() -> None:
        report.update(json.loads(system.pharos("load", "--rate", "5", "--count", "40", "--json", check=False).stdout))

    load = threading.Thread(target=place)
    load.start()
    rotated = {one["issuer"]: one["kid"] for one in system.json("rotate-keys", "--lead", str(LEAD_S))}
    assert set(rotated) == SERVICES | {"user-tokens"}

    async def published() -> bool:
        return all([rotated[service] in await _published(system, service) for service in SERVICES])

    await wait_until(published, timeout=10)
    await wait_until(lambda: _accepted(system, rotated["orders"]), timeout=REFETCH_S + 10, interval=0.5)
    load.join()

    assert (report["sent"], report["ok"], report["failed"]) == (40, 40, 0)
    for service, kids in before.items():
        assert kids <= await _published(system, service), "the old key is there as long as its tokens live"
    await wait_until(lambda: _signed_in_and_served(system), timeout=REFETCH_S + 10, interval=0.5)


def _age(system: System) -> float:
    """Seconds since the system was started: verifiers looked for keys with its first order."""
    return time.time() - psutil.Process(system.instance("orders-1")["pid"]).create_time()


async def _published(system: System, service: str) -> set[str]:
    """The key IDs that a service publishes."""
    url = f"{_address(system, service)}/.well-known/service-jwks.json"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return {key["kid"] for key in (await answer.json())["keys"]}


async def _accepted(system: System, kid: str) -> bool:
    """Whether payments takes a token that orders' new key signed, for a payment that there is not."""
    document = json.loads((system.state / "secrets" / "key-orders.jwk").read_text())
    [key] = [one for one in document["keys"] if one["kid"] == kid]
    token = ServiceTokens("orders", SigningKey.parse(Secret(json.dumps(key)))).token_for("payments")
    url = f"{_address(system, 'payments')}/payments/{uuid4()}"
    async with (
        aiohttp.ClientSession(headers={"X-Service-Token": token}) as session,
        session.get(url) as answer,
    ):
        assert answer.status in {401, 404}
        return answer.status == 404


def _signed_in_and_served(system: System) -> bool:
    """Whether a customer who signs in now, with a token of the new key, can place an order."""
    done = system.pharos("order", "--json", check=False)
    return done.returncode == 0 and json.loads(done.stdout)["status"] == "confirmed"


def _address(system: System, service: str) -> str:
    return parse_endpoints((system.state / "endpoints.json").read_bytes()).services[service][0].url
