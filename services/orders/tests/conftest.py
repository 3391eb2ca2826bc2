"""orders as a process between real servers and stand-ins of its neighbours."""

import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from chassis.persistence import DatabaseSettings
from testkit.databases import Databases
from testkit.servers import NatsServer
from testkit.services import Neighbourhood, ServiceServer, running, service_environment, service_server
from testkit.waiting import wait_until

sys.path.insert(0, str(Path(__file__).parent))

from standins import World, standins

MANIFEST = Path(__file__).parents[1] / "service.toml"
QUICK = {"ORDERS_POLL": "0.1", "ORDERS_LEASE": "2", "ORDERS_STEP_TIMEOUT": "1"}


@dataclass
class System:
    """orders, its neighbours, and the keys of all of them."""

    neighbours: Neighbourhood
    world: World
    database: DatabaseSettings
    nats_url: str
    server: ServiceServer = field(init=False)

    def client(self) -> "Client":
        """A new customer, whom accounts knows."""
        customer_id = str(uuid4())
        self.world.customers.add(customer_id)
        return self.client_of(customer_id)

    def client_of(self, customer_id: str, server: ServiceServer | None = None) -> "Client":
        """This customer, calling this replica."""
        headers = {
            "Authorization": f"Bearer {self.neighbours.user_token(customer_id)}",
            "X-Service-Token": self.neighbours.service_token("edge", "orders"),
        }
        return Client((server or self.server).url, customer_id, headers)

    def environment(self, instance: str, **extra: str) -> dict[str, str]:
        """What a replica is told at start."""
        return service_environment(
            "orders",
            MANIFEST,
            self.neighbours,
            self.database,
            nats_url=self.nats_url,
            instance=instance,
            extra=QUICK | extra,
        )

    @contextlib.contextmanager
    def replica(self, instance: str, **extra: str) -> Iterator[ServiceServer]:
        """A further replica."""
        server = service_server("orders", self.environment(instance, **extra), self.neighbours.folder)
        with running(server):
            yield server

    def service_headers(self, caller: str = "operator") -> dict[str, str]:
        """What a service sends with a call."""
        return {"X-Service-Token": self.neighbours.service_token(caller, "orders")}


@dataclass
class Client:
    """A customer's HTTP calls, as the edge passes them on."""

    url: str
    customer_id: str
    headers: dict[str, str]

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        """One request: status, body and headers of the answer."""
        headers = self.headers | options.pop("headers", {})
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, headers=headers, **options) as answer,
        ):
            return answer.status, await answer.json(content_type=None), answer.headers

    async def place(
        self, card: str = "tok_approve", *, key: str | None = None, headers: dict[str, str] | None = None, **change: Any
    ) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        """Place an order of two mugs."""
        order = {"lines": [{"sku": "MUG-BLUE", "quantity": 2}], "card_token": card} | change
        return await self.call(
            "POST", "/orders", json=order, headers={"Idempotency-Key": key or str(uuid4()), **(headers or {})}
        )

    async def until(self, order_id: str, status: str) -> dict[str, Any]:
        """Wait until the order has this status."""

        async def look() -> dict[str, Any] | None:
            with contextlib.suppress(aiohttp.ClientError):
                order = (await self.call("GET", f"/orders/{order_id}"))[1]
                return order if order.get("status") == status else None
            return None

        order: dict[str, Any] | None = await wait_until(look, timeout=20, what=f"order {status}")
        assert order is not None
        return order


@pytest.fixture(scope="session")
def service_name() -> str:
    return "orders"


@pytest.fixture(scope="session")
def make_system(
    databases: Databases, nats_session: NatsServer, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., contextlib.AbstractContextManager[System]]:
    """Starts orders with a database and neighbours of its own."""

    @contextlib.contextmanager
    def make(**environment: str) -> Iterator[System]:
        neighbours = Neighbourhood(tmp_path_factory.mktemp("system"))
        with standins() as world:
            for service in ("accounts", "inventory", "payments"):
                neighbours.place(service, world.url)
            for issuer in ("accounts", "edge", "operator", "inventory"):
                neighbours.key_file(issuer)
            system = System(neighbours, world, databases.create("orders"), nats_session.url)
            with system.replica("orders-1", **environment) as server:
                system.server = server
                yield system

    return make


@pytest.fixture(scope="session")
def shared_system(make_system: Callable[..., contextlib.AbstractContextManager[System]]) -> Iterator[System]:
    with make_system() as system:
        yield system


@pytest_asyncio.fixture
async def system(shared_system: System) -> AsyncIterator[System]:
    """The session's orders process; a test ends with no fault left."""
    shared_system.world.let_go.clear()
    shared_system.world.arrived.clear()
    yield shared_system
    shared_system.world.heal()


@pytest.fixture
def saga_rows(shared_system: System) -> Callable[[str], Any]:
    """Reads the rows of an order's saga."""
    settings = shared_system.database

    async def read(order_id: str) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(**settings.connect_arguments())
        try:
            return [dict(row) for row in await connection.fetch("SELECT * FROM saga WHERE order_id = $1", order_id)]
        finally:
            await connection.close()

    return read
