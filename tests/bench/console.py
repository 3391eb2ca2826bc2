"""How long the console takes to show its first page and a trace of 5,000 spans, to a browser new to it."""

import statistics
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Browser, Locator, Page

from bench.footprint import settle
from bench.report import Figure
from console.alone import ask
from console.browser import missing, open_browser, visit
from console.spans import wide_trace
from support.system import new_system
from warden.layout import StateFolder

ROUNDS = 5
SPANS = 5_000
FIRST_PAGE_S = 1.0
TRACE_S = 2.0


def measure() -> Iterator[Figure]:
    """The medians over some visits to a system of its own."""
    assert not (reason := missing()), reason
    system = new_system()
    try:
        system.start()
        settle(StateFolder(system.state))
        port = system.port_base + 1
        trace_id, document = wide_trace(SPANS)
        status, body = ask(port, "POST", "/v1/traces", document)
        assert status == 200, body
        with open_browser() as browser:
            origin = f"http://127.0.0.1:{port}"
            first = _median(browser, origin, "/", lambda page: page.get_by_test_id("service-orders"))
            trace = _median(browser, origin, f"/traces/{trace_id}", lambda page: page.get_by_test_id("span-row").first)
    finally:
        system.remove()
    yield Figure(what="console: first page", measured=first, unit="s", at_most=FIRST_PAGE_S)
    yield Figure(what=f"console: trace of {SPANS:,} spans", measured=trace, unit="s", at_most=TRACE_S)


def _median(browser: Browser, origin: str, path: str, awaited: Callable[[Page], Locator]) -> float:
    """Seconds from asking for the address until what is awaited can be seen."""
    return statistics.median(_seconds(browser, origin, path, awaited) for _ in range(ROUNDS))


def _seconds(browser: Browser, origin: str, path: str, awaited: Callable[[Page], Locator]) -> float:
    with visit(browser, origin) as seen:
        began = time.perf_counter()
        awaited(seen.open(path)).wait_for(state="visible")
        return time.perf_counter() - began
