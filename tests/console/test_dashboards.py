"""Every dashboard's file as the console shows it: each panel has data, and none an error."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from console.browser import Visit
from support.dashboards import FILES, load

BOARDS = [file for file in FILES if not load(file)["uid"].startswith("runbook")]
DRAWN = {"timeseries", "gauge"}
YOUNG = "from=now-5m&to=now"
"""A range whose steps are shorter than the system of these tests is old."""


def open_sections(page: Page) -> None:
    closed = page.get_by_test_id("dashboard").locator("h2 button[aria-expanded=false]")
    while closed.count():
        closed.first.click()


def settled(panel: Locator) -> Locator:
    """The panel, brought into view, so that it asks, and with its answer."""
    panel.scroll_into_view_if_needed()
    expect(panel.locator(".panel-body > *").first).to_be_attached()
    expect(panel.locator(".loading")).to_have_count(0)
    if panel.get_attribute("data-kind") in DRAWN:
        expect(panel.locator("canvas").first).to_be_visible()
    return panel


@pytest.mark.parametrize("file", BOARDS, ids=lambda file: file.stem)
def test_every_panel_has_data_and_no_error(visitor: Visit, file: Path) -> None:
    page = visitor.open(f"/dashboards/{load(file)['uid']}?{YOUNG}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(load(file)["title"])
    expect(page.get_by_test_id("panel").first).to_be_visible()
    open_sections(page)

    panels = [settled(panel) for panel in page.get_by_test_id("panel").all()]

    said = {panel.get_attribute("aria-label") or "": panel.locator(".panel-note, [role=alert]") for panel in panels}
    assert {title: note.first.inner_text() for title, note in said.items() if note.count()} == {}
    assert len(panels) >= len([one for one in load(file)["panels"] if one["type"] != "row"])


def test_dashboards_are_listed_by_owner_and_found_by_name(visitor: Visit) -> None:
    page = visitor.open("/dashboards")
    expect(page.get_by_test_id("dashboards")).to_contain_text("team-platform")
    expect(page.get_by_test_id("dashboards").get_by_role("listitem")).to_have_count(len(BOARDS))

    page.get_by_role("textbox", name="Find a dashboard").fill("overview")
    page.get_by_test_id("dashboards").get_by_role("link").first.click()

    expect(page).to_have_url(re.compile("/dashboards/overview"))
    expect(page.get_by_test_id("panel").first).to_be_visible()


def test_a_chosen_service_is_in_the_address_and_in_every_query(visitor: Visit) -> None:
    asked: list[str] = []
    page = visitor.open("/dashboards/service?var-service=payments")
    expect(page.get_by_test_id("panel").first).to_be_visible()

    page.get_by_test_id("variable-service").select_option("inventory")
    expect(page).to_have_url(re.compile("var-service=inventory"))

    page.reload(wait_until="commit")
    page.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    expect(page.get_by_test_id("panel").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    queries = [text for text in asked if "/api/v1/query" in text]
    assert [text for text in queries if "inventory" in text]
    assert not [text for text in queries if "payments" in text and "inventory" not in text]


def test_a_time_range_is_in_the_address(visitor: Visit) -> None:
    page = visitor.open("/dashboards/overview")
    expect(page.get_by_test_id("panel").first).to_be_visible()

    page.get_by_test_id("range").select_option(label="Last 15 minutes")

    expect(page).to_have_url(re.compile("from=now-15m"))
