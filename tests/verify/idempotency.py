"""A hundred requests race on one Idempotency-Key, for a thousand keys: one effect each, and the answers agree.

The service is payments as a process with a real PostgreSQL, asked over HTTP: its effect is money.
"""

import asyncio
import json
import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Final

import asyncpg

from bench.report import Figure
from chassis.persistence import DatabaseSettings
from testkit import nats_server, postgres_server
from testkit.databases import Databases
from testkit.services import Neighbourhood, ServiceServer, running, service_environment, service_server
from verify.proof import Run
from verify.wire import Reply, WireBroken, Wires

MANIFEST = Path(__file__).resolve().parents[2] / "services" / "payments" / "service.toml"
RACERS = 100
REPLICAS = 2
AT_A_TIME = 8
"""Keys raced for at once: while the racers of one wait, as they are told to, those of others run."""
ROOM = f"\n[resilience.requests]\nconcurrency_start = {AT_A_TIME * RACERS}\nconcurrency_max = {AT_A_TIME * RACERS}\n"
"""So that requests race instead of being sent away; `overload` proves what happens to those."""
RENEW_S = 60.0
PATIENCE_S = 120.0
HOST = "127.0.0.1"
PASSING = frozenset({408, 425, 429, 503, 504})

IN_FLIGHT: Final = "409 idempotency-key-in-flight"
BROKEN: Final = "connections that broke"
DIFFERENT: Final = "keys whose answers were not one and the same 201"
NO_KEY: Final = "requests without a key not answered 400"
OTHER: Final = "requests with another payload not answered 422"
WRONG: Final = (DIFFERENT, NO_KEY, OTHER)


@dataclass(frozen=True)
class Wish:
    """A payment to be held under a key; without one in the request that has none."""

    order_id: str
    minor: int
    key: str | None

    @property
    def body(self) -> bytes:
        """The request's content."""
        amount = {"amount_minor": self.minor, "currency": "EUR"}
        return json.dumps({"order_id": self.order_id, "amount": amount, "card_token": "tok_approve"}).encode()


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
    """payments, its database, and the name of orders to ask it in."""

    tokens: Tokens
    replicas: tuple[ServiceServer, ...]
    database: DatabaseSettings

    def wires(self) -> list[Wires]:
        """Connections to each replica."""
        return [Wires(HOST, replica.port) for replica in self.replicas]

    async def payments(self) -> list[tuple[str, int, int]]:
        """Order, amount and journals of every payment in the database."""
        connection = await asyncpg.connect(**self.database.connect_arguments())
        try:
            rows = await connection.fetch(
                "SELECT order_id, amount_minor, count(journal_id) AS journals "
                "FROM payment LEFT JOIN journal USING (payment_id) GROUP BY payment_id, order_id, amount_minor"
            )
            return [(str(row["order_id"]), row["amount_minor"], row["journals"]) for row in rows]
        finally:
            await connection.close()


@dataclass(frozen=True)
class Race:
    """A client of the shop, and what it was answered."""

    shop: Shop
    turns: Iterator[Wires]
    tally: Tally = field(default_factory=Tally)

    async def run(self, wish: Wish) -> None:
        """A hundred at once under one key; then one without the key, and one that wants something else."""
        answers = await asyncio.gather(*(self._settled(wish) for _ in range(RACERS)))
        self.tally.keys += 1
        self.tally.wrong[DIFFERENT] += len({answer.body for answer in answers}) != 1
        self.tally.wrong[DIFFERENT] += {answer.status for answer in answers} != {201}
        self.tally.wrong[NO_KEY] += (await self._settled(replace(wish, key=None))).status != 400
        self.tally.wrong[OTHER] += (await self._settled(replace(wish, minor=wish.minor + 1))).status != 422

    async def _settled(self, wish: Wish) -> Reply:
        """Ask until the answer is none that asks to come back, and come back no sooner than it says."""
        body = wish.body
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    reply = await self._ask(wish, body)
                except WireBroken:
                    self.tally.answers[BROKEN] += 1
                    continue
                said = _said(reply)
                self.tally.answers[said] += 1
                if reply.status not in PASSING and said != IN_FLIGHT:
                    return reply
                await asyncio.sleep(reply.retry_after)

    async def _ask(self, wish: Wish, body: bytes) -> Reply:
        headers = {"X-Service-Token": self.shop.tokens.current()}
        if wish.key is not None:
            headers["Idempotency-Key"] = wish.key
        return await next(self.turns).post("/payments", headers, body)


def prove(run: Run) -> Iterator[Figure]:
    """Race, and look at what it left in the database."""
    wishes = list(_wishes(run.random("keys"), run.pick(check=10, standard=1_000)))
    with _shop() as shop:
        tally = asyncio.run(_race(shop, wishes))
        payments = asyncio.run(shop.payments())
    asked = sum(tally.answers.values())
    wanted = Counter((wish.order_id, wish.minor, 1) for wish in wishes)
    off = sum((wanted - Counter(payments)).values()) + sum((Counter(payments) - wanted).values())
    yield Figure(what="keys raced for, 100 requests each", measured=tally.keys, at_least=len(wishes))
    yield Figure(what="requests sent, with those told to come back", measured=asked)
    yield Figure(what="payments held once, of the amount asked", measured=len(payments) - off, at_least=len(wishes))
    yield Figure(what="payments missing, doubled or wrong", measured=off, at_most=0)
    yield Figure(what="requests told that the first is in flight (409)", measured=tally.answers[IN_FLIGHT], at_least=1)
    for what in WRONG:
        yield Figure(what=what, measured=tally.wrong[what], at_most=0)


def _said(reply: Reply) -> str:
    reason = "" if reply.status < 400 else str(json.loads(reply.body).get("reason", ""))
    return f"{reply.status} {reason}".strip()


def _wishes(chance: random.Random, keys: int) -> Iterator[Wish]:
    for _ in range(keys):
        order_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        yield Wish(order_id, chance.randint(1, 99_999), f"race-{chance.getrandbits(64):x}")


async def _race(shop: Shop, wishes: list[Wish]) -> Tally:
    wires, left = shop.wires(), iter(wishes)
    race = Race(shop, cycle(wires))

    async def lane() -> None:
        for wish in left:
            await race.run(wish)

    try:
        async with asyncio.TaskGroup() as lanes:
            for _ in range(AT_A_TIME):
                lanes.create_task(lane())
    finally:
        for each in wires:
            each.close()
    return race.tally


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
            manifest = folder / "payments" / "service.toml"
            manifest.write_text(MANIFEST.read_text() + ROOM)
            with ExitStack() as replicas:
                servers = [
                    replicas.enter_context(running(_replica(number, manifest, neighbours, database, nats.url)))
                    for number in range(1, REPLICAS + 1)
                ]
                yield Shop(Tokens(neighbours), tuple(servers), database)


def _replica(
    number: int, manifest: Path, neighbours: Neighbourhood, database: DatabaseSettings, nats_url: str
) -> ServiceServer:
    instance = f"payments-{number}"
    environment = service_environment(
        "payments", manifest, neighbours, database, nats_url=nats_url, instance=instance, extra={}
    )
    return service_server("payments", environment, neighbours.folder)
