"""A browser, a system with orders in it, and a lens with nothing in it."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from console.alone import LensAlone, get_json, until
from console.browser import PATIENCE_MS, Visit, missing, open_browser, visit
from support.require import require
from support.system import System

SCRAPES_S = 15
"""So old must the first sample be for a rate over the last minute to be there: three scrapes."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser."""
    require("browser", missing())
    expect.set_options(timeout=PATIENCE_MS)
    with open_browser() as opened:
        yield opened


@dataclass(frozen=True)
class Shop:
    """The running system and what was ordered in it."""

    system: System
    confirmed: dict[str, Any]
    cancelled: dict[str, Any]

    @property
    def port(self) -> int:
        """Of lens."""
        return self.system.port_base + 1

    @property
    def origin(self) -> str:
        """The console's address."""
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def shop(browser: Browser, system: System) -> Shop:
    """A system in which orders were confirmed and cancelled, all of it stored and scraped."""
    assert browser.is_connected()
    confirmed = system.json("order", "--wait", "60")
    cancelled = _cancelled(system)
    system.pharos("load", "--rate", "4", "--count", "20", "--json", check=False)
    system.pharos("trace", confirmed["correlation_id"])
    opened = Shop(system, confirmed, cancelled)
    until(lambda: _scraped(opened.port), "Prometheus has scraped every service", 120)
    return opened


@pytest.fixture
def visitor(browser: Browser, shop: Shop) -> Iterator[Visit]:
    """Somebody who looks at the shop's console; nothing must go wrong."""
    with visit(browser, shop.origin) as opened:
        yield opened
        opened.require_clean()


@pytest.fixture
def empty() -> Iterator[LensAlone]:
    """A lens that nothing was ever sent to."""
    alone = LensAlone()
    try:
        yield alone.start()
    finally:
        alone.remove()


def _cancelled(system: System) -> dict[str, Any]:
    done = system.pharos("order", "--card", "tok_decline", "--json", "--wait", "60", check=False)
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["status"] == "cancelled", done.stderr
    return document


def _scraped(port: int) -> bool:
    system = get_json(port, "/api/console/system")
    if not system["prometheus"]["available"]:
        return False
    answer = get_json(port, f"/api/v1/query?query=min_over_time(timestamp(up)[5m:])&time={time.time()}")
    since = [time.time() - float(series["value"][1]) for series in answer["data"]["result"]]
    return len(since) >= len([one for one in system["services"] if one["kind"] != "store"]) and min(since) > SCRAPES_S
