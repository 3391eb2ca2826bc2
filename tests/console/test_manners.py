"""How the page behaves: by keyboard, in light and dark, by its addresses, and towards the rest of the world."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from console.browser import Scheme, Visit, visit
from console.conftest import Shop

PAGES = {
    "s": "/services", "t": "/traces", "l": "/logs", "d": "/dashboards",
    "a": "/alerts", "r": "/recoveries", "c": "/chaos", "m": "/mails",
}  # fmt: skip
SHADE = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((sum, one) => sum + +one, 0)"
BETWEEN = 3 * 128
"""A body darker than this is dark."""


def shade(page: Page) -> int:
    return int(page.evaluate(SHADE))


def test_every_page_is_reached_by_two_keys(visitor: Visit) -> None:
    page = visitor.open("/services")
    expect(page.get_by_test_id("service-orders")).to_be_visible()

    for key, path in PAGES.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page).to_have_url(visitor.origin + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_lists_are_walked_and_opened_by_keys(visitor: Visit) -> None:
    page = visitor.open("/traces")
    expect(page.get_by_test_id("trace-row").first).to_be_visible()

    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page.get_by_test_id("waterfall")).to_be_visible()
    expect(page.get_by_test_id("span-row").first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_test_id("span-row").and_(page.locator("[aria-selected=true]"))).to_have_count(1)
    expect(page.get_by_test_id("span-panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("span-panel")).to_have_count(0)


def test_the_search_field_is_reached_by_a_slash_and_keys_in_it_are_text(visitor: Visit) -> None:
    page = visitor.open("/traces")
    expect(page.get_by_test_id("trace-row").first).to_be_visible()

    page.keyboard.press("/")
    page.keyboard.type("gs?")

    expect(page.get_by_test_id("trace-search").get_by_role("textbox").first).to_have_value("gs?")
    expect(page).to_have_url(re.compile("/traces$"))


def test_help_lists_the_keys_and_closes_by_escape(visitor: Visit) -> None:
    page = visitor.open("/services")
    expect(page.get_by_test_id("service-orders")).to_be_visible()

    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_contain_text("Next span with an error")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("help")).to_have_count(0)


def test_the_first_tab_stop_skips_to_the_content(visitor: Visit) -> None:
    page = visitor.open("/services")
    expect(page.get_by_test_id("service-orders")).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_as_light_as_the_system_says_until_the_reader_chooses(
    browser: Browser, shop: Shop, scheme: Scheme
) -> None:
    with visit(browser, shop.origin, scheme) as seen:
        page = seen.open("/services")
        expect(page.get_by_test_id("service-orders")).to_be_visible()
        assert (shade(page) < BETWEEN) == (scheme == "dark")

        page.get_by_test_id("theme").click()

        page.wait_for_function(f"({SHADE}) < {BETWEEN} === {'false' if scheme == 'dark' else 'true'}")
        page.reload()
        expect(page.get_by_test_id("service-orders")).to_be_visible()
        assert (shade(page) < BETWEEN) != (scheme == "dark")
        seen.require_clean()


def test_an_address_holds_all_that_is_seen(visitor: Visit, browser: Browser, shop: Shop) -> None:
    page = visitor.open(f"/traces/{shop.confirmed['trace_id']}")
    page.get_by_test_id("span-row").filter(has_text="POST /payments").first.click()
    expect(page.get_by_test_id("span-panel")).to_contain_text("POST /payments")

    with visit(browser, shop.origin) as another:
        again = another.open(page.url.removeprefix(shop.origin))
        expect(again.get_by_test_id("span-panel")).to_contain_text("POST /payments")
        another.require_clean()


def test_back_and_forward_go_through_what_was_seen(visitor: Visit, shop: Shop) -> None:
    page = visitor.open("/services")
    page.get_by_test_id("nav-traces").click()
    page.get_by_test_id("trace-row").first.click()
    expect(page.get_by_test_id("waterfall")).to_be_visible()

    page.go_back()
    expect(page.get_by_test_id("trace-row").first).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{shop.origin}/services")
    page.go_forward()
    expect(page.get_by_test_id("trace-row").first).to_be_visible()


def test_the_page_may_load_nothing_from_elsewhere_and_nobody_may_frame_it(visitor: Visit) -> None:
    answer = visitor.page.goto(f"{visitor.origin}/services")

    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    blocked = visitor.page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'answered', error => error.name)")
    assert blocked == "TypeError"
    visitor.errors.clear()  # the policy's own word on that
    visitor.foreign.clear()


def test_files_are_kept_for_ever_and_the_page_itself_is_asked_for_again(visitor: Visit) -> None:
    kept: dict[str, str] = {}
    visitor.page.on("response", lambda answer: kept.update({answer.url: answer.headers.get("cache-control", "")}))
    visitor.open("/services")
    expect(visitor.page.get_by_test_id("service-orders")).to_be_visible()

    files = {url: value for url, value in kept.items() if "/assets/" in url}
    assert files
    assert all("immutable" in value for value in files.values())
    assert kept[f"{visitor.origin}/services"] == "no-cache"
