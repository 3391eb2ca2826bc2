"""Thousands of orders while processes, broker, database and provider fail: nothing is lost and nothing doubled.

Orders are placed by clients that ask again under the same key. Faults are drawn from the seed; `faults.py` says which.
Once they end, every saga must end in time, and the audit of all five databases find nothing wrong and nothing open.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import aiohttp

from bench.report import Figure
from pharos.console import note
from pharos.operator import Operator
from pharos.state import find_system
from pharos.storefront import Storefront
from support.system import System, new_system
from telemetry.journeys import Caller
from testkit import wait_until
from verify.faults import KINDS, Faults
from verify.proof import Run
from verify.shoppers import Shoppers, wishes
from warden.layout import Ports, StateFolder

AT_A_TIME = 16
TERMINAL_S = 60.0
AUDITED_S = 120.0
STOCK = 100_000
PATIENT = "[recovery]\nliveness_failures = 60\n"
"""warden's settings: else it ends a process that is stopped within seconds, and none would ever wake up late."""
SHOWN = 5


def prove(run: Run) -> Iterator[Figure]:
    """The figures of a system of its own."""
    system = new_system()
    (system.state / "config.toml").write_text(PATIENT)
    try:
        system.start("--replicas", "orders=2")
        yield from asyncio.run(_prove(system, run))
    finally:
        system.remove()


async def _prove(system: System, run: Run) -> list[Figure]:
    count = run.pick(check=150, standard=5_000, full=20_000)
    pause = run.pick(check=5, standard=20)
    faults = Faults(StateFolder(system.state), Ports(system.port_base), run.random("faults"), pause)
    running = find_system(system.state)
    async with Operator(running) as operator, Storefront.of(running) as storefront:
        skus = await _stock_up(system, operator)
        shoppers = Shoppers(storefront, run.random("shoppers"))
        stop = asyncio.Event()
        failing = asyncio.create_task(faults.run(stop))
        wanted = wishes(run.random("wishes"), skus, lambda: len(shoppers.answered) < count or not faults.complete)
        await shoppers.place_all(wanted, AT_A_TIME)
        stop.set()
        await failing
        ended = time.monotonic()
        still_open = await _all_ended(operator)
        seconds = time.monotonic() - ended
        audit = await _audited(system)
        placed = {one["order_id"] for one in await operator.items("orders", "/audit/orders")}
    _tell(faults, shoppers, audit)
    lost = [order_id for order_id in shoppers.answered.values() if order_id not in placed]
    figures = [
        Figure(what=f"faults: {kind}", measured=times, at_least=1) for kind, times in sorted(faults.done.items())
    ]
    figures += [
        Figure(what="kinds of faults", measured=len(faults.done), at_least=len(KINDS)),
        Figure(what="orders placed under faults", measured=len(shoppers.answered), at_least=count),
        Figure(what="keys answered in two ways, or never", measured=len(shoppers.contradictions), at_most=0),
        Figure(what="orders acknowledged and lost", measured=len(lost), at_most=0),
        Figure(what="orders nobody asked for", measured=len(placed) - len(shoppers.answered), at_most=0),
        Figure(what="sagas still open a minute after the faults", measured=still_open, at_most=0),
        Figure(what="invariants checked", measured=sum(one["checked"] for one in audit["invariants"]), at_least=count),
        Figure(what="violations of invariants", measured=_violations(audit), at_most=0),
        Figure(what="not settled in the end", measured=sum(one["open"] for one in audit["invariants"]), at_most=0),
    ]
    if run.measures:
        figures.append(Figure(what="last saga ended after the faults", measured=seconds, unit="s", at_most=TERMINAL_S))
    return figures


async def _stock_up(system: System, operator: Operator) -> list[str]:
    """Receive so much of every product in stock that none runs out; their SKUs."""
    skus = [one["sku"] for one in await operator.items("inventory", "/audit/stock") if one["available"] > 0]
    async with aiohttp.ClientSession() as http:
        caller = Caller(system, http)
        for sku in skus:
            await caller.operator("inventory", "POST", "/restocks", {"sku": sku, "quantity": STOCK})
    return skus


async def _all_ended(operator: Operator) -> int:
    """Wait for the end of every saga, at most the time they have; how many are still open."""
    left = 0

    async def ended() -> bool:
        nonlocal left
        left = int((await operator.get("orders", "/audit/sagas", open="true", limit=1))["totals"]["open"])
        return left == 0

    try:
        await wait_until(ended, timeout=TERMINAL_S, interval=0.5, what="the end of every saga")
    except AssertionError as error:
        note(str(error))
    return left


async def _audited(system: System) -> dict[str, Any]:
    """The audit once nothing is in flight any more, or the last one before the time is over."""
    document: dict[str, Any] = {}

    def settled() -> bool:
        nonlocal document
        document = json.loads(system.pharos("audit", "--json", timeout=120, check=False).stdout)
        return not any(one["open"] for one in document["invariants"]) or _violations(document) > 0

    try:
        await wait_until(lambda: asyncio.to_thread(settled), timeout=AUDITED_S, interval=2.0, what="nothing in flight")
    except AssertionError as error:
        note(str(error))
    return document


def _violations(audit: dict[str, Any]) -> int:
    return sum(len(one["violations"]) for one in audit["invariants"])


def _tell(faults: Faults, shoppers: Shoppers, audit: dict[str, Any]) -> None:
    """What a reader needs when a bound is broken, and what the clients met."""
    note(f"faults: {dict(faults.done)}; answers asked for again: {dict(shoppers.refusals.most_common(SHOWN))}")
    for contradiction in shoppers.contradictions[:SHOWN]:
        note(contradiction)
    for one in audit["invariants"]:
        for violation in one["violations"][:SHOWN]:
            note(f"{one['name']}: {violation}")
