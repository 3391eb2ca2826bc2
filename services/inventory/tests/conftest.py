"""inventory as a process between real servers; and its tables alone, for what a process cannot show."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from chassis.persistence import DatabaseSettings
from testkit.databases import Databases
from testkit.servers import NatsServer
from testkit.services import Neighbourhood, ServiceServer, running, service_environment, service_server

MANIFEST = Path(__file__).parents[1] / "service.toml"
QUICK = {"INVENTORY_EXPIRY_POLL": "0.1"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def reason(self) -> str:
        return str(self.body.get("reason"))


@dataclass
class System:
    """inventory with its demo catalogue, its database, the broker, and the keys of its callers."""

    neighbours: Neighbourhood
    server: ServiceServer
    environment: Mapping[str, str]
    database: DatabaseSettings
    nats_url: str

    async def call(
        self, method: str, path: str, *, caller: str | None = "orders", key: str | None = None, **options: Any
    ) -> Answer:
        """One request in the name of a service, or of nobody."""
        headers = dict(options.pop("headers", {}))
        if caller is not None:
            headers["X-Service-Token"] = self.neighbours.service_token(caller, "inventory")
        if key is not None:
            headers["Idempotency-Key"] = key
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.server.url + path, headers=headers, **options) as answer,
        ):
            return Answer(answer.status, await answer.json(content_type=None), answer.headers)

    async def reserve(self, *lines: tuple[str, int], order_id: str | None = None, **options: Any) -> Answer:
        """Reserve stock for a new order, or for the one given."""
        wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines or [("MUG-BLUE", 1)]]
        body = {"order_id": order_id or str(uuid4()), "lines": wanted}
        return await self.call("POST", "/reservations", json=body, **options)

    async def books(self, sku: str) -> dict[str, int]:
        """The books of one product, from the audit."""
        cursor = ""
        while True:
            page = (await self.call("GET", f"/audit/stock?limit=100{cursor}", caller="operator")).body
            for item in page["items"]:
                if item["sku"] == sku:
                    return {name: value for name, value in item.items() if name != "sku"}
            cursor = f"&cursor={page['next_cursor']}"

    async def rows(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        """What stands in the database."""
        connection = await asyncpg.connect(**self.database.connect_arguments())
        try:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    def seed(self) -> None:
        """Load the demo catalogue, as `up` does."""
        subprocess.run([sys.executable, "-m", "inventory.seed"], env=self.environment, check=True)


@pytest.fixture(scope="session")
def service_name() -> str:
    return "inventory"


@pytest.fixture(scope="session")
def system(
    databases: Databases, nats_session: NatsServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """The session's inventory process."""
    neighbours = Neighbourhood(tmp_path_factory.mktemp("system"))
    for caller in ("orders", "operator"):
        neighbours.service_token(caller, "inventory")
    database = databases.create("inventory")
    environment = service_environment(
        "inventory", MANIFEST, neighbours, database, nats_url=nats_session.url, extra=QUICK
    )
    server = service_server("inventory", environment, neighbours.folder)
    system = System(neighbours, server, environment, database, nats_session.url)
    system.seed()
    with running(server):
        yield system
