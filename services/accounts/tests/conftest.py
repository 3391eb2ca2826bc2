"""accounts as a process between real servers; and its tables alone, for what a process cannot show."""

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
PASSWORD = "correct horse battery"
DEMO_PASSWORD = "made by the first start"


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
    """accounts with its demo customer, its database, and the keys of its callers."""

    neighbours: Neighbourhood
    server: ServiceServer
    environment: Mapping[str, str]
    database: DatabaseSettings
    nats_url: str

    async def call(
        self, method: str, path: str, *, caller: str | None = None, token: str | None = None, **options: Any
    ) -> Answer:
        """One request in the name of a service, of a customer, or of nobody."""
        headers = dict(options.pop("headers", {}))
        if caller is not None:
            headers["X-Service-Token"] = self.neighbours.service_token(caller, "accounts")
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.server.url + path, headers=headers, **options) as answer,
        ):
            return Answer(answer.status, await answer.json(content_type=None), answer.headers)

    async def register(self, email: str | None = None, **change: Any) -> Answer:
        """Register a new customer, or the one given."""
        body = {"email": email or f"{uuid4().hex}@example.org", "password": PASSWORD, "name": "Ada Lovelace"} | change
        return await self.call("POST", "/customers", json=body)

    async def log_in(self, email: str, password: str = PASSWORD, *, client: str | None = None) -> Answer:
        """Log in; as if from `client` through the edge when given."""
        options: dict[str, Any] = {} if client is None else {"caller": "edge", "headers": {"X-Forwarded-For": client}}
        return await self.call("POST", "/sessions", json={"email": email, "password": password}, **options)

    async def customer(self) -> tuple[dict[str, Any], str]:
        """A new customer and their access token."""
        customer = (await self.register()).body
        session = (await self.log_in(customer["email"])).body
        return customer, session["access_token"]

    async def rows(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        """What stands in the database."""
        connection = await asyncpg.connect(**self.database.connect_arguments())
        try:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    def seed(self) -> None:
        """Load the demo customer, as `up` does."""
        subprocess.run([sys.executable, "-m", "accounts.seed"], env=self.environment, check=True)


@pytest.fixture(scope="session")
def service_name() -> str:
    return "accounts"


@pytest.fixture(scope="session")
def system(
    databases: Databases, nats_session: NatsServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """The session's accounts process."""
    neighbours = Neighbourhood(tmp_path_factory.mktemp("system"))
    for caller in ("orders", "operator", "edge"):
        neighbours.service_token(caller, "accounts")
    demo = neighbours.folder / "demo-customer"
    demo.write_text(DEMO_PASSWORD)
    # The endpoints file of a test holds one key set per issuer, so accounts signs both kinds of tokens with one key.
    keys = neighbours.key_file("accounts")
    secrets = {"PHAROS_USER_TOKEN_KEY_FILE": str(keys), "PHAROS_DEMO_PASSWORD_FILE": str(demo)}
    database = databases.create("accounts")
    environment = service_environment(
        "accounts", MANIFEST, neighbours, database, nats_url=nats_session.url, extra=secrets
    )
    server = service_server("accounts", environment, neighbours.folder)
    neighbours.place("accounts", server.url)
    system = System(neighbours, server, environment, database, nats_session.url)
    system.seed()
    with running(server):
        yield system
