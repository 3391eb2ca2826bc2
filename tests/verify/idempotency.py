"""A hundred requests race on one Idempotency-Key, for a thousand keys: one effect each, and the answers agree.

The service is payments as a process with a real PostgreSQL, asked over HTTP: its effect is money.
"""

import asyncio
import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from bench.report import Figure
from chassis.persistence import DatabaseSettings
from testkit import nats_server, postgres_server
from testkit.databases import Databases
from testkit.services import Neighbourhood, ServiceServer, running, service_environment, service_server
from verify.proof import Run

MANIFEST = Path(__file__).resolve().parents[2] / "services" / "payments" / "service.toml"
RACERS = 100
AT_A_TIME = 4
"""Keys raced for at once."""
BUSY_S = 0.05
RENEW_S = 60.0
PATIENCE_S = 60.0
PASSING = frozenset({429, 503, 504})


@dataclass
class Tally:
    """What came back, over all keys."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    keys: int = 0


class Tokens:
    """The service token of orders, made anew every minute: one lives for five, and the race may take longer."""

    def __init__(self, neighbours: Neighbourhood) -> None:
        self._neighbours = neighbours
        self._token = ""
        self._until = float("-inf")

    def current(self) -> str:
        """A token that holds for some minutes."""
        if time.monotonic() >= self._until:
            self._token = self._neighbours.service_token("orders", "payments")
            self._until = time.monotonic() + RENEW_S
        return self._token


@dataclass(frozen=True)
class Shop:
    """A payments process, its database, and a client in the name of orders."""

    tokens: Tokens
    server: ServiceServer
    database: DatabaseSettings

    async def authorise(
        self, http: aiohttp.ClientSession, body: Mapping[str, Any], key: str | None
    ) -> tuple[int, bytes, str]:
        """One request: the status, the body, the reason if it was refused."""
        headers = {"X-Service-Token": self.tokens.current()}
        if key is not None:
            headers["Idempotency-Key"] = key
        async with http.post(f"{self.server.url}/payments", json=body, headers=headers) as reply:
            content = await reply.read()
            reason = "" if reply.status < 400 else str((await reply.json(content_type=None)).get("reason", ""))
            return reply.status, content, reason

    async def settled(
        self, http: aiohttp.ClientSession, body: Mapping[str, Any], key: str | None, tally: Tally
    ) -> tuple[int, bytes, str]:
        """Ask under one key, or none, until the answer is none that asks to come back."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                status, content, reason = await self.authorise(http, body, key)
                tally.answers[f"{status} {reason}".strip()] += 1
                if status not in PASSING and reason != "idempotency-key-in-flight":
                    return status, content, reason
                await asyncio.sleep(BUSY_S)

    async def effects(self) -> tuple[int, int]:
        """Orders with a payment, and payments."""
        connection = await asyncpg.connect(**self.database.connect_arguments())
        try:
            row = await connection.fetchrow("SELECT count(DISTINCT order_id) AS orders, count(*) AS rows FROM payment")
            return int(row["orders"]), int(row["rows"])
        finally:
            await connection.close()


def prove(run: Run) -> Iterator[Figure]:
    """Race, and look at what it left in the database."""
    keys = run.pick(check=10, standard=1_000)
    with _shop() as shop:
        tally = asyncio.run(_race(shop, keys, run.random("keys")))
        orders, payments = asyncio.run(shop.effects())
    yield Figure(what="keys raced for, 100 requests each", measured=tally.keys, at_least=keys)
    yield Figure(what="orders paid", measured=orders, at_least=keys)
    yield Figure(what="payments more or fewer than keys", measured=abs(payments - keys), at_most=0)
    yield Figure(what="requests told that the first is in flight (409)", measured=tally.answers[IN_FLIGHT], at_least=1)
    for what in WRONG:
        yield Figure(what=what, measured=tally.wrong[what], at_most=0)


IN_FLIGHT = "409 idempotency-key-in-flight"
DIFFERENT = "keys whose answers were not identical"
NO_KEY = "requests without a key not answered 400"
OTHER = "requests with another payload not answered 422"
WRONG = (DIFFERENT, NO_KEY, OTHER)


async def _race(shop: Shop, keys: int, chance: random.Random) -> Tally:
    tally, gate = Tally(), asyncio.Semaphore(AT_A_TIME)
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as http:

        async def one(body: dict[str, Any], key: str) -> None:
            async with gate:
                await _race_one(shop, http, body, key, tally)

        async with asyncio.TaskGroup() as races:
            for _ in range(keys):
                order_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
                key = f"race-{chance.getrandbits(64):x}"
                amount = {"amount_minor": chance.randint(1, 99_999), "currency": "EUR"}
                races.create_task(one({"order_id": order_id, "amount": amount, "card_token": "tok_approve"}, key))
    return tally


async def _race_one(shop: Shop, http: aiohttp.ClientSession, body: dict[str, Any], key: str, tally: Tally) -> None:
    answers = await asyncio.gather(*(shop.settled(http, body, key, tally) for _ in range(RACERS)))
    tally.keys += 1
    tally.wrong[DIFFERENT] += len(set(answers)) != 1 or answers[0][0] != 201
    status, _, _ = await shop.settled(http, body, None, tally)
    tally.wrong[NO_KEY] += status != 400
    other = body | {"amount": {"amount_minor": body["amount"]["amount_minor"] + 1, "currency": "EUR"}}
    status, _, _ = await shop.settled(http, other, key, tally)
    tally.wrong[OTHER] += status != 422


@contextmanager
def _shop() -> Iterator[Shop]:
    with tempfile.TemporaryDirectory(prefix="pharos-") as name:
        folder = Path(name)
        with postgres_server(folder / "postgres") as postgres, nats_server(folder / "nats") as nats:
            (folder / "payments").mkdir()
            neighbours = Neighbourhood(folder / "payments")
            for caller in ("orders", "operator"):
                neighbours.service_token(caller, "payments")
            database = Databases(postgres).create("payments")
            environment = service_environment("payments", MANIFEST, neighbours, database, nats_url=nats.url, extra={})
            server = service_server("payments", environment, neighbours.folder)
            with running(server):
                yield Shop(Tokens(neighbours), server, database)
