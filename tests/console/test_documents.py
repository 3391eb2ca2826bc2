"""Alerts, runbooks and e-mails."""

import re

import pytest
from playwright.sync_api import Page, expect

from console.browser import Visit
from console.conftest import Shop
from support.system import ROOT

RUNBOOKS = sorted(file.stem for file in (ROOT / "observability" / "runbooks").glob("*.md") if file.stem != "README")


def first_rule(page: Page) -> None:
    expect(page.get_by_test_id("rule").first).to_be_visible()


def test_every_rule_is_listed_with_its_owner_and_none_is_broken(visitor: Visit) -> None:
    page = visitor.open("/alerts")

    first_rule(page)
    expect(page.get_by_test_id("rules")).to_contain_text("team-checkout")
    assert page.get_by_test_id("rule").filter(has=page.locator("p.bad")).count() == 0
    page.get_by_role("textbox", name="Alert, service or owner").fill("payments")
    expect(page.get_by_test_id("rule").first).to_contain_text("payments")


def test_a_rule_leads_to_its_runbook_and_its_dashboard(visitor: Visit) -> None:
    page = visitor.open("/alerts")
    first_rule(page)

    both = page.get_by_test_id("rule").filter(has=page.locator("a[href^='/dashboards/']"))
    both.first.locator("a[href^='/runbooks/']").first.click()
    expect(page.get_by_test_id("runbook").get_by_role("heading").first).to_be_visible()
    page.go_back()
    both.first.locator("a[href^='/dashboards/']").first.click()
    expect(page.get_by_test_id("panel").first).to_be_visible()


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_runbook_is_shown(visitor: Visit, name: str) -> None:
    page = visitor.open(f"/runbooks/{name}")

    expect(page.get_by_test_id("runbook").get_by_role("heading", level=1)).to_be_visible()
    assert "$" not in page.get_by_test_id("runbook").get_by_role("heading", level=1).inner_text()


def test_an_orders_mail_is_shown_and_leads_to_its_trace(visitor: Visit, shop: Shop) -> None:
    page = visitor.open("/mails")
    expect(page.get_by_test_id("mail-row").first).to_be_visible()

    page.get_by_test_id("mail-row").first.get_by_role("link").click()

    expect(page).to_have_url(re.compile("/mails/[0-9a-f]{32}$"))
    expect(page.get_by_test_id("mail")).to_contain_text("@pharos.example")
    page.get_by_test_id("mail-trace").click()
    expect(page.get_by_test_id("trace-row").first).to_be_visible()
    assert shop.origin in page.url
