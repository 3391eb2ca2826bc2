"""What is shown where something is missing, and that it says what to do."""

import pytest
from playwright.sync_api import Browser, expect

from console.alone import LensAlone, ask
from console.browser import Visit, visit
from console.spans import wide_trace
from support.system import System

EMPTY = {
    "/traces": "./just order",
    "/logs": "./just order",
    "/mails": "./just order",
    "/recoveries": "./just chaos kill",
    "/chaos": "./just chaos kill",
}


@pytest.mark.parametrize("path", EMPTY)
def test_an_empty_store_says_how_to_fill_it(browser: Browser, empty: LensAlone, path: str) -> None:
    with visit(browser, empty.origin) as seen:
        page = seen.open(path)

        expect(page.get_by_test_id("empty")).to_contain_text(EMPTY[path])
        seen.require_clean()


def test_a_trace_that_is_not_stored_is_said_to_be(browser: Browser, empty: LensAlone) -> None:
    with visit(browser, empty.origin) as seen:
        page = seen.open(f"/traces/{'0' * 31}1")

        expect(page.get_by_test_id("empty")).to_contain_text("not stored")
        assert {status for status, _ in seen.refused} == {404}


def test_what_was_never_a_page_leads_back(browser: Browser, empty: LensAlone) -> None:
    with visit(browser, empty.origin) as seen:
        page = seen.open("/services/nobody")

        expect(page.get_by_test_id("empty")).to_contain_text("nobody")
        page.get_by_role("link", name="All services").click()
        expect(page).to_have_url(f"{empty.origin}/services")


def test_a_lens_that_stops_is_named_and_one_that_is_back_is_shown_again(browser: Browser, empty: LensAlone) -> None:
    trace_id, document = wide_trace(20)
    assert ask(empty.port, "POST", "/v1/traces", document)[0] == 200
    with visit(browser, empty.origin) as seen:
        page = seen.open("/traces")
        expect(page.get_by_test_id("trace-row")).to_have_count(1)

        empty.stop()

        expect(page.get_by_test_id("outage")).to_contain_text("./just up")
        expect(page.get_by_test_id("trace-row")).to_have_count(1)
        page.get_by_test_id("nav-logs").click()
        expect(page.get_by_test_id("outage")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        empty.start()
        expect(page.get_by_test_id("outage")).to_have_count(0)
        page.get_by_test_id("nav-traces").click()
        page.get_by_test_id("trace-row").first.click()
        expect(page.get_by_test_id("trace-summary")).to_contain_text(trace_id)
        assert (seen.errors, seen.foreign) == ([], [])


def test_without_prometheus_all_but_metrics_is_there(
    browser: Browser, own_system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHAROS_PROMETHEUS", "off")
    own_system.start()
    placed = own_system.json("order", "--wait", "60")
    with visit(browser, f"http://127.0.0.1:{own_system.port_base + 1}") as seen:
        page = seen.open("/services")
        expect(page.get_by_test_id("service-orders")).to_contain_text("healthy")
        expect(page.get_by_test_id("prometheus-absent")).to_contain_text("PHAROS_PROMETHEUS=off")
        for path in ("/services/orders", "/dashboards/overview", "/alerts"):
            seen.open(path)
            expect(page.get_by_text("PHAROS_PROMETHEUS=off").first).to_be_visible()
        _traces_and_logs(seen, placed["correlation_id"])


def _traces_and_logs(seen: Visit, correlation_id: str) -> None:
    page = seen.open(f"/traces?text={correlation_id}")
    expect(page.get_by_test_id("trace-row").first).to_contain_text("POST /orders")
    seen.open(f"/logs?correlation={correlation_id}")
    expect(page.get_by_test_id("log-line").first).to_be_visible()
    assert (seen.errors, seen.foreign) == ([], [])
    assert {status for status, _ in seen.refused} <= {503}
