"""The code of the last release serves on the schema of today: in place of every service, and beside those of today."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from release import SERVICES, Release

from pharos.storefront import DEFAULT_SKU, DEMO_CUSTOMER, Storefront
from support.system import System, new_system
from testkit import wait_until

MIXED = ("orders", "notifications")
"""Old ones that call and hear new ones; the others are called and heard."""


@pytest.fixture(scope="module")
def migrated() -> Iterator[System]:
    """A system whose databases have the schema of today, and first data; it does not run."""
    system = new_system()
    try:
        system.start()
        system.stop()
        yield system
    finally:
        system.remove()


@pytest.mark.parametrize("old", [SERVICES, MIXED], ids=["all", "some"])
async def test_the_last_release_works_on_the_schema_of_today(
    migrated: System, previous: Release, old: tuple[str, ...]
) -> None:
    (migrated.state / "config.toml").write_text("\n".join(map(_table, old, map(previous.environment, old))))
    await asyncio.to_thread(migrated.start)
    try:
        assert await _offered(migrated, old) == {name: _described(previous, name) for name in old}
        async with Storefront(migrated.edge, DEMO_CUSTOMER, migrated.demo_password) as storefront:
            await storefront.log_in()
            await _shop(storefront)
            await wait_until(lambda: _letters(migrated), timeout=30, what="the letters are sent")
    finally:
        await asyncio.to_thread(migrated.stop)


async def _shop(storefront: Storefront) -> None:
    """Each way an order ends, so that sagas, stock, payments, the ledger and the outboxes are read and written."""
    assert (await storefront.send("GET", "/products")).ok
    ends = {}
    for card in ("tok_approve", "tok_decline", "tok_duplicate"):
        placed = await storefront.place(DEFAULT_SKU, 1, card)
        assert placed.ok, placed.body
        ends[card] = await storefront.settled(placed, 30)
    assert {card: order["status"] for card, order in ends.items()} == {
        "tok_approve": "confirmed",
        "tok_decline": "cancelled",
        "tok_duplicate": "confirmed",
    }
    path = f"/orders/{ends['tok_approve']['order_id']}"
    assert (await storefront.send("POST", f"{path}/cancel")).ok
    await wait_until(lambda: _cancelled(storefront, path), timeout=30, what="the order is cancelled")
    assert len((await storefront.send("GET", "/orders")).body["items"]) >= len(ends)


async def _cancelled(storefront: Storefront, path: str) -> bool:
    return bool((await storefront.send("GET", path)).body["status"] == "cancelled")


def _letters(system: System) -> bool:
    """Whether letters about orders have reached the mail sink."""
    return sum(1 for file in (system.state / "data" / "mail").rglob("*") if file.is_file()) >= 2


async def _offered(system: System, services: tuple[str, ...]) -> dict[str, set[str]]:
    """The operations of what runs now, so that it is known to be the old code."""
    addresses = json.loads((system.state / "endpoints.json").read_text())["services"]
    found = {}
    async with aiohttp.ClientSession() as http:
        for name in services:
            async with http.get(f"{addresses[name][0]['url']}/schema/openapi.json") as answer:
                found[name] = _operations(await answer.json())
    return found


def _described(previous: Release, service: str) -> set[str]:
    return _operations(json.loads(previous.openapi(service).read_text()))


def _operations(document: dict[str, Any]) -> set[str]:
    return {operation["operationId"] for path in document["paths"].values() for operation in path.values()}


def _table(service: str, environment: dict[str, str]) -> str:
    lines = [f"{name} = {json.dumps(value)}" for name, value in environment.items()]
    return "\n".join([f"[environment.{service}]", *lines, ""])
