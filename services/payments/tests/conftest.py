"""payments as a process between real servers; and its tables alone, for what a process cannot show."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
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
from testkit.waiting import wait_until

MANIFEST = Path(__file__).parents[1] / "service.toml"
QUICK = {"PAYMENTS_PROVIDER_TIMEOUT": "0.6", "PAYMENTS_RECONCILE_POLL": "0.1"}


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
    """payments, its database, the broker, and the keys of its callers."""

    neighbours: Neighbourhood
    server: ServiceServer
    database: DatabaseSettings
    nats_url: str

    async def call(
        self, method: str, path: str, *, caller: str | None = "orders", key: str | None = None, **options: Any
    ) -> Answer:
        """One request in the name of a service."""
        headers = dict(options.pop("headers", {}))
        if caller is not None:
            headers["X-Service-Token"] = self.neighbours.service_token(caller, "payments")
        if key is not None:
            headers["Idempotency-Key"] = key
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.server.url + path, headers=headers, **options) as answer,
        ):
            return Answer(answer.status, await answer.json(content_type=None), answer.headers)

    async def authorise(self, card: str = "tok_approve", *, minor: int = 2500, **options: Any) -> Answer:
        """Hold money for a new order, or for the one given."""
        order_id = options.pop("order_id", None) or str(uuid4())
        body = {"order_id": order_id, "amount": {"amount_minor": minor, "currency": "EUR"}, "card_token": card}
        return await self.call("POST", "/payments", json=body, key=options.pop("key", None) or str(uuid4()), **options)

    async def captured(self, minor: int = 2500, **options: Any) -> dict[str, Any]:
        """A payment that was captured."""
        payment = (await self.authorise(minor=minor, **options)).body
        return (await self.call("POST", f"/payments/{payment['payment_id']}/capture")).body

    async def payment(self, payment_id: str) -> dict[str, Any]:
        return (await self.call("GET", f"/payments/{payment_id}")).body

    async def until(self, payment_id: str, status: str) -> dict[str, Any]:
        """Wait until the payment has this status."""

        async def look() -> dict[str, Any]:
            payment = await self.payment(payment_id)
            return payment if payment["status"] == status else {}

        return await wait_until(look, what=f"payment {status}")

    async def rows(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        """What stands in the database."""
        connection = await asyncpg.connect(**self.database.connect_arguments())
        try:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    async def audited(self, limit: int = 100) -> list[dict[str, Any]]:
        """All payments as the audit lists them, read page by page."""
        items, cursor = [], ""
        while True:
            query = f"?limit={limit}" + (f"&cursor={cursor}" if cursor else "")
            page = (await self.call("GET", f"/audit/payments{query}", caller="operator")).body
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = page["next_cursor"]

    async def counted(self, metric: str) -> float:
        """What a counter without labels stands at."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.server.url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        return float(next(line for line in lines if line.startswith(f"{metric} ")).rsplit(" ", 1)[1])

    @asynccontextmanager
    async def provider_away(self) -> AsyncIterator[None]:
        """The sandbox cannot reach its own records, so that it answers nobody."""
        connection = await asyncpg.connect(**self.database.connect_arguments())
        try:
            async with connection.transaction():
                await connection.execute("LOCK TABLE sandbox_operation IN EXCLUSIVE MODE")
                yield
        finally:
            await connection.close()

    async def ledger(self, payment_id: str) -> dict[str, int]:
        """The balance of each account as far as this payment is concerned."""
        rows = await self.rows(
            "SELECT account, sum(amount_minor)::bigint AS balance FROM ledger_entry "
            "JOIN journal ON journal_id = journal WHERE payment_id = $1 GROUP BY account",
            payment_id,
        )
        return {row["account"]: row["balance"] for row in rows if row["balance"]}


@pytest.fixture(scope="session")
def service_name() -> str:
    return "payments"


MakeSystem = Callable[..., AbstractContextManager[System]]


@pytest.fixture(scope="session")
def make_system(databases: Databases, nats_session: NatsServer, tmp_path_factory: pytest.TempPathFactory) -> MakeSystem:
    """Starts a payments process of its own, with further settings."""

    @contextmanager
    def make(**settings: str) -> Iterator[System]:
        neighbours = Neighbourhood(tmp_path_factory.mktemp("system"))
        for caller in ("orders", "operator", "stranger"):
            neighbours.service_token(caller, "payments")
        database = databases.create("payments")
        environment = service_environment(
            "payments", MANIFEST, neighbours, database, nats_url=nats_session.url, extra=QUICK | settings
        )
        server = service_server("payments", environment, neighbours.folder)
        with running(server):
            yield System(neighbours, server, database, nats_session.url)

    return make


@pytest.fixture(scope="session")
def system(make_system: MakeSystem) -> Iterator[System]:
    """The session's payments process."""
    with make_system() as made:
        yield made
