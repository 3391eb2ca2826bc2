"""Customers who order under faults as a careful client does: the same key until there is an answer."""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import aiohttp

from pharos.errors import CliError
from pharos.storefront import Answer, Storefront

CARDS = (
    *("tok_approve",) * 10,
    *("tok_slow", "tok_duplicate", "tok_timeout", "tok_unavailable", "tok_decline", "tok_insufficient_funds"),
)
CANCELS = 0.1
MOST_PIECES = 3
PAUSE_S = (0.1, 0.8)
FINAL = frozenset({400, 404, 409, 422})


@dataclass(frozen=True, slots=True)
class Wish:
    """What is ordered under one Idempotency-Key; drawn before anything is sent."""

    key: str
    sku: str
    quantity: int
    card: str
    cancels: bool


def wishes(chance: random.Random, skus: list[str], more: Callable[[], bool]) -> Iterator[Wish]:
    """Orders to place, for as long as `more` are wanted."""
    while more():
        yield Wish(
            key=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            sku=chance.choice(skus),
            quantity=chance.randint(1, MOST_PIECES),
            card=chance.choice(CARDS),
            cancels=chance.random() < CANCELS,
        )


@dataclass
class Shoppers:
    """Places what is wished for, some at a time, through one customer's log-in."""

    storefront: Storefront
    chance: random.Random
    answered: dict[str, str] = field(default_factory=dict)
    """The order that each key was answered with."""
    contradictions: list[str] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

    async def place_all(self, wanted: Iterator[Wish], at_a_time: int) -> None:
        """Return when no more are wanted and every key has been answered."""
        async with asyncio.TaskGroup() as group:
            for _ in range(at_a_time):
                group.create_task(self._work_off(wanted))

    async def _work_off(self, wanted: Iterator[Wish]) -> None:
        for wish in wanted:
            await self._place(wish)
            if self.chance.random() < 1 / 20:
                await self._place(wish)  # a client that lost the answer asks again
            if wish.cancels:
                await self._cancel(self.answered[wish.key])

    async def _place(self, wish: Wish) -> None:
        answer = await self._until_answered(
            lambda: self.storefront.place(wish.sku, wish.quantity, wish.card, key=wish.key), "place"
        )
        if not answer.ok:
            self.contradictions.append(f"key {wish.key}: {answer.status} {answer.body.get('reason')}")
            return
        order_id = answer.body["order_id"]
        if self.answered.setdefault(wish.key, order_id) != order_id:
            self.contradictions.append(f"key {wish.key}: orders {self.answered[wish.key]} and {order_id}")

    async def _cancel(self, order_id: str) -> None:
        await self._until_answered(lambda: self.storefront.send("POST", f"/orders/{order_id}/cancel"), "cancel")

    async def _until_answered(self, send: Callable[[], Awaitable[Answer]], doing: str) -> Answer:
        """Ask until the answer is one that asking again would not change."""
        while True:
            try:
                await self.storefront.log_in()
                answer = await send()
            except (aiohttp.ClientError, TimeoutError, CliError) as error:
                self.refusals[f"{doing}: {type(error).__name__}"] += 1
            else:
                reason = str(answer.body.get("reason", ""))
                if answer.ok or (answer.status in FINAL and reason != "idempotency-key-in-flight"):
                    return answer
                self.refusals[f"{doing}: {answer.status} {reason}"] += 1
            await asyncio.sleep(self.chance.uniform(*PAUSE_S))
