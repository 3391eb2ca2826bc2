"""What was healed and what was broken on purpose: the pages of recoveries and of chaos."""

import os
import re
import signal
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from console import history
from console.alone import LensAlone
from console.browser import Scheme, Visit, faint_texts, visit
from console.conftest import Shop
from warden.journal import Entry


@pytest.fixture(scope="module")
def kept(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LensAlone]:
    """A lens beside a journal and verdicts."""
    assert browser.is_connected()
    state = tmp_path_factory.mktemp("state")
    history.write_hang(state)
    history.write_verdicts(state)
    history.write_nonsense(state)
    alone = LensAlone(**history.settings(state))
    try:
        yield alone.start()
    finally:
        alone.remove()


@pytest.fixture
def reader(browser: Browser, kept: LensAlone) -> Iterator[Visit]:
    """Somebody who reads there; nothing must go wrong."""
    with visit(browser, kept.origin) as seen:
        yield seen
        seen.require_clean()


def row(page: Page, event: str) -> Locator:
    return page.get_by_test_id("recovery-row").filter(has=page.get_by_text(event, exact=True))


def test_decisions_are_on_a_timeline_newest_first(reader: Visit) -> None:
    page = reader.open("/recoveries")

    rows = page.get_by_test_id("recovery-row")
    expect(rows).to_have_count(6)
    expect(rows.first).to_contain_text("payments-2")
    expect(rows.first).to_contain_text("500 ms")
    expect(row(page, "hung")).to_contain_text("3 probes without an answer")
    expect(row(page, "hung")).to_contain_text("restart")
    expect(row(page, "ready")).to_contain_text("4.5 s")
    expect(page.get_by_test_id("lanes")).to_contain_text("orders")
    expect(page.get_by_test_id("unreadable")).to_contain_text("1 line could not be read")


def test_entries_are_narrowed_and_the_address_says_how(reader: Visit) -> None:
    page = reader.open("/recoveries")
    page.get_by_test_id("choose-fault").select_option("exit")
    expect(page.get_by_test_id("recovery-row")).to_have_count(1)
    expect(page).to_have_url(re.compile("fault=exit"))

    reader.open("/recoveries?service=orders")
    expect(page.get_by_test_id("recovery-row")).to_have_count(5)
    page.keyboard.press("/")
    page.keyboard.type("probes")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("recovery-row")).to_have_count(1)
    expect(page).to_have_url(re.compile("service=orders.*text=probes"))
    reader.open("/recoveries?service=orders&text=nothing")
    expect(page.get_by_test_id("empty")).to_contain_text("Take a condition away")


def test_an_entry_shows_its_course_and_what_the_process_was_doing(reader: Visit) -> None:
    page = reader.open("/recoveries")
    expect(page.get_by_test_id("recovery-row").first).to_be_visible()

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/recoveries/[0-9a-f]{16}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("orders-1 ready")
    steps = page.get_by_test_id("course").get_by_role("listitem")
    expect(steps).to_have_text([re.compile(word) for word in ("hung", "dumped", "stopped", "started", "ready")])
    expect(page.get_by_test_id("dump")).to_contain_text(history.STACK)
    expect(page.get_by_test_id("dump")).to_contain_text("T (stopped)")
    steps.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("orders-1 hung")
    main = page.get_by_role("main")
    expect(main.get_by_role("link", name="Trace")).to_have_attribute("href", f"/traces/{history.TRACE}")
    expect(main.get_by_role("link", name="Service")).to_have_attribute("href", "/services/orders")
    main.get_by_role("link", name="Logs").click()
    expect(page).to_have_url(re.compile(r"/logs\?service=orders&from=\d+&to=\d+"))


def test_an_entry_that_comes_is_there_without_asking(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    state = tmp_path_factory.mktemp("live")
    alone = LensAlone(**history.settings(state))
    try:
        with visit(browser, alone.start().origin) as seen:
            page = seen.open("/recoveries")
            expect(page.get_by_test_id("empty")).to_contain_text("./just chaos kill")

            history.append(state, Entry(time=time.time(), event="exited", instance="edge-1", fault="exit"))

            expect(page.get_by_test_id("recovery-row")).to_contain_text("edge-1")
            seen.require_clean()
    finally:
        alone.remove()


def test_verdicts_are_listed_with_their_figures(reader: Visit) -> None:
    page = reader.open("/chaos")

    rows = page.get_by_test_id("verdict-row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("failed")
    expect(rows.first).to_contain_text("7 of 900")
    expect(rows.last).to_contain_text("passed")
    expect(rows.last).to_contain_text("1.9 s")
    expect(page.get_by_test_id("unreadable")).to_contain_text("1 file could not be read")
    page.get_by_label("Failed only").click()
    expect(page.get_by_label("Failed only")).to_be_checked()
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("failed=1"))


def test_a_verdict_leads_to_the_traces_of_failed_requests_and_to_the_recoveries_meanwhile(reader: Visit) -> None:
    page = reader.open("/chaos")
    expect(page.get_by_test_id("verdict-row").first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page.get_by_test_id("findings")).to_contain_text("2 orders lost")
    expect(page.get_by_test_id("verdict-figures")).to_contain_text("Bystanders' restarts")
    failed = page.get_by_test_id("failed-requests").get_by_role("link")
    expect(failed).to_have_attribute("href", f"/traces/{history.FAILED_TRACE}")
    expect(page.get_by_role("link", name="Trace", exact=True)).to_have_attribute("href", f"/traces/{history.TRACE}")
    page.get_by_test_id("meanwhile").click()
    expect(row(page, "hung")).to_be_visible()


@pytest.mark.parametrize("path", ["/recoveries/0000000000000000", "/chaos/none"])
def test_what_is_not_kept_leads_back_to_the_list(browser: Browser, kept: LensAlone, path: str) -> None:
    with visit(browser, kept.origin) as seen:
        page = seen.open(path)

        page.get_by_test_id("empty").get_by_role("link").click()

        expect(page.get_by_test_id("recovery-row").or_(page.get_by_test_id("verdict-row")).first).to_be_visible()
        assert {status for status, _ in seen.refused} == {404}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/recoveries", "/chaos"])
def test_text_stands_out_from_its_ground(browser: Browser, kept: LensAlone, path: str, scheme: Scheme) -> None:
    with visit(browser, kept.origin, scheme) as seen:
        page = seen.open(path)
        expect(page.get_by_role("main").get_by_role("row").nth(1)).to_be_visible()

        assert faint_texts(page) == []
        seen.require_clean()


def test_every_control_and_picture_has_a_name(reader: Visit) -> None:
    for path in ("/recoveries", "/chaos"):
        page = reader.open(path)
        expect(page.get_by_role("main").get_by_role("row").nth(1)).to_be_visible()

        for role in ("button", "link", "combobox", "textbox", "checkbox", "img"):
            for control in page.get_by_role(role).all():  # type: ignore[arg-type]
                expect(control).to_have_accessible_name(re.compile(r"\S"))


def test_a_killed_replica_is_on_its_services_page_and_in_the_timeline(visitor: Visit, shop: Shop) -> None:
    page = visitor.open("/services/notifications")
    card = page.get_by_test_id("service-recoveries")
    expect(card).to_contain_text("Nothing had to be healed")

    os.kill(shop.system.instance("notifications-1")["pid"], signal.SIGKILL)

    expect(card).to_contain_text("ready")
    card.get_by_role("link", name="All recoveries").click()
    expect(page).to_have_url(re.compile("/recoveries.service=notifications"))
    expect(row(page, "exited")).to_contain_text("ended by signal 9")
    row(page, "ready").click()
    expect(page.get_by_test_id("course").get_by_role("listitem").first).to_contain_text("exited")
