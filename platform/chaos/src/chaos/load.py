"""Customers who order and look around while an experiment runs, and what they were told.

They are one customer of this run's own, so that every order of its account is one that was asked for here.
"""

import asyncio
import random
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self

import aiohttp

from chaos.errors import ChaosError
from chaos.experiments import Load
from pharos.errors import CliError
from pharos.openloop import Sample, drive, percentile, schedule
from pharos.state import System
from pharos.storefront import Storefront, accepted

CARD: Final = "tok_approve"
SETTLE_S: Final = 60.0
"""A request whose outcome is not known is sent again, under its key, for so long."""
PAUSE_S: Final = 0.25
_STOP_S: Final = SETTLE_S + 30.0
_START_S: Final = 30.0
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed at the public port; `at` is Unix time in seconds, IDs are empty where none came back."""

    at: float
    what: str
    trace_id: str = ""
    correlation_id: str = ""


@dataclass
class Outcome:
    """What customers met.

    Attributes:
        samples: every request, with whether it went well and how long it took.
        answered: the order that each Idempotency-Key was answered with.
        unanswered: keys that had no answer even when asked again.
        kept: the orders of the account once all is over.
        contradicted: keys that were answered with two orders.
    """

    samples: list[Sample] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    answered: dict[str, str] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    contradicted: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Orders that were acknowledged and are not there, and keys that nobody answers any more."""
        return len(set(self.answered.values()) - set(self.kept)) + len(self.unanswered)

    @property
    def doubled(self) -> int:
        """Orders that nobody asked for: more than one under a key."""
        return len(set(self.kept) - set(self.answered.values())) + len(self.contradicted)

    @property
    def p99_ms(self) -> float:
        """The latency of orders and looks alike, from their scheduled start."""
        return percentile([sample.latency_ms for sample in self.samples], 99)


class CustomerLoad:
    """A context manager: customers come from its start on, in a thread of its own, until `stop`."""

    def __init__(self, system: System, rates: Load, chance: random.Random) -> None:
        self.outcome = Outcome()
        self._system = system
        self._rates = rates
        self._chance = chance
        self._ending = threading.Event()
        self._begun = threading.Event()
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._live, name="customers", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._begun.wait(_START_S)
        self._raise_failure()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()

    def stop(self) -> Outcome:
        """No more customers come; wait until every order that was asked for has an answer.

        Raises:
            ChaosError: the customers could not get that far.
        """
        self._ending.set()
        self._thread.join(_STOP_S)
        self._raise_failure()
        if self._thread.is_alive():
            raise ChaosError("the customers' last requests were never answered", "see how the parts are: ./just status")
        return self.outcome

    def _raise_failure(self) -> None:
        if self._failed is not None:
            raise ChaosError(f"no customer could be served: {self._failed}", "see how the parts are: ./just status")

    def _live(self) -> None:
        try:
            asyncio.run(self._shop())
        except (aiohttp.ClientError, TimeoutError, CliError) as error:
            self._failed = error
        finally:
            self._begun.set()

    async def _shop(self) -> None:
        email, password = f"chaos-{uuid.uuid4().hex[:12]}@pharos.example", uuid.uuid4().hex
        async with Storefront(self._system.url("edge"), email, password) as storefront:
            customer = {"email": email, "password": password, "name": "Chaos"}
            accepted(await storefront.send("POST", "/customers", json=customer), "register")
            await storefront.log_in()
            products = accepted(await storefront.send("GET", f"/products?limit={_PAGE}"), "list the products")
            skus = [product["sku"] for product in products.body["items"] if product["available"] > 0]
            shopping = _Shopping(storefront, self.outcome, skus, self._chance)
            self._begun.set()
            async with asyncio.TaskGroup() as both:
                for rate, request in ((self._rates.orders, shopping.order), (self._rates.looks, shopping.look)):
                    if rate:
                        both.create_task(drive(self._times(rate), request, self.outcome.samples))
            await shopping.settle()

    def _times(self, rate: float) -> Iterator[float]:
        for offset in schedule(rate, None, None):
            if self._ending.is_set():
                return
            yield offset


@dataclass
class _Shopping:
    storefront: Storefront
    outcome: Outcome
    skus: list[str]
    chance: random.Random
    wanted: dict[str, str] = field(default_factory=dict)
    """What is ordered under each key, until it is answered."""

    async def order(self) -> tuple[bool, str]:
        """Place one order; a failure is not asked about again before the end."""
        key = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        self.wanted[key] = self.chance.choice(self.skus)
        return await self._place(key, again=False)

    async def look(self) -> tuple[bool, str]:
        """Look at the catalogue."""
        path = "/products" if self.chance.random() < 1 / 2 else f"/products/{self.chance.choice(self.skus)}"
        try:
            answer = await self.storefront.send("GET", path)
        except (aiohttp.ClientError, TimeoutError) as error:
            return self._failed(f"GET {path}: {type(error).__name__}")
        if not answer.ok:
            return self._failed(
                f"GET {path}: {answer.status} {answer.body.get('reason', '')}", answer.trace_id, answer.correlation_id
            )
        return True, answer.correlation_id

    async def settle(self) -> None:
        """Ask again for what is still unanswered, then read which orders there are."""
        loop = asyncio.get_running_loop()
        until = loop.time() + SETTLE_S
        while self.wanted and loop.time() < until:
            for key in list(self.wanted):
                await self._place(key, again=True)
            if self.wanted:
                await asyncio.sleep(PAUSE_S)
        self.outcome.unanswered = list(self.wanted)
        path: str | None = f"/orders?limit={_PAGE}"
        while path:
            page = accepted(await self.storefront.send("GET", path), "list the orders").body
            self.outcome.kept += [order["order_id"] for order in page["items"]]
            path = f"/orders?limit={_PAGE}&cursor={page['next_cursor']}" if page["next_cursor"] else None

    async def _place(self, key: str, *, again: bool) -> tuple[bool, str]:
        try:
            await self.storefront.log_in()
            answer = await self.storefront.place(self.wanted[key], 1, CARD, key=key)
        except (aiohttp.ClientError, TimeoutError, CliError) as error:
            return (False, "") if again else self._failed(f"POST /orders: {type(error).__name__}")
        if not answer.ok:
            what = f"POST /orders: {answer.status} {answer.body.get('reason', '')}"
            return (False, "") if again else self._failed(what, answer.trace_id, answer.correlation_id)
        self.wanted.pop(key, None)
        order_id = answer.body["order_id"]
        if self.outcome.answered.setdefault(key, order_id) != order_id:
            self.outcome.contradicted.append(key)
        return True, answer.correlation_id

    def _failed(self, what: str, trace_id: str = "", correlation_id: str = "") -> tuple[bool, str]:
        self.outcome.failures.append(Failure(time.time(), what, trace_id, correlation_id))
        return False, correlation_id
