"""Pictures of the console, light and dark, from a running system: python -m console.screenshots, in tests.

Writes docs/screenshots/NAME-SCHEME.png. What is to be seen has to be there, of the last quarter of an hour: ./just up
--chaos --replicas orders=2, ./just load --rate 1 --seconds 600, and ./just chaos kill, hang, disk-full meanwhile.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from console.alone import get_json
from console.browser import Scheme, missing, open_browser, save_screenshot, visit
from pharos.state import find_system

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "screenshots"
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
ROOT_SPAN = "POST /orders"
LATELY = "from=now-15m&to=now"


def shots(port: int) -> Iterator[tuple[str, str]]:
    """Name and address of each picture."""
    order = _newest_order(port)
    yield "services", "/services"
    yield "service", "/services/orders"
    yield "traces", "/traces"
    yield "trace", f"/traces/{order['trace_id']}"
    yield "logs", f"/logs?correlation={quote(order['correlation_id'])}"
    yield "dashboards", "/dashboards"
    for dashboard in ("overview", "orders", "service"):
        yield f"dashboard-{dashboard}", f"/dashboards/{dashboard}?{LATELY}"
    yield "alerts", "/alerts"
    yield "recoveries", f"/recoveries?{LATELY}"
    yield "chaos", "/chaos"
    yield "mails", "/mails"


def settle(page: Page) -> None:
    """Return when nothing is being loaded and charts have come to rest.

    Nothing is asked by `wait_for_function`: it compiles text in the page, which the page's policy forbids.
    """
    page.wait_for_load_state("networkidle")
    expect(page.locator(".loading, [role=progressbar]")).to_have_count(0)
    page.evaluate("document.fonts.ready.then(() => new Promise(done => setTimeout(done, 1000)))")


def take(port: int, folder: Path) -> int:
    """Take all of them; how many there are."""
    taken = 0
    with open_browser() as browser:
        for scheme in SCHEMES:
            for name, path in shots(port):
                with visit(browser, f"http://127.0.0.1:{port}", scheme) as seen:
                    page = seen.open(path)
                    settle(page)
                    save_screenshot(page, folder / f"{name}-{scheme}.png")
                    taken += 1
    return taken


def _newest_order(port: int) -> dict[str, str]:
    found = get_json(port, f"/api/console/traces?service=notifications&text={quote(ROOT_SPAN)}&limit=1")["traces"]
    if not found:
        sys.exit("no order is stored; place some with: ./just load --count 200")
    order: dict[str, str] = found[0]
    return order


def main() -> None:
    """Take the pictures of the system of a state folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", type=Path)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    if reason := missing():
        sys.exit(reason)
    taken = take(find_system(options.state).ports.of("lens"), options.folder)
    sys.stdout.write(f"{taken} pictures in {options.folder}\n")


if __name__ == "__main__":
    main()
