"""Each page with what a running system has to show."""

import re
from urllib.parse import quote
from urllib.request import Request, urlopen
from uuid import uuid4

from playwright.sync_api import Page, expect

from console.browser import Visit
from console.conftest import Shop

SERVICES = ("edge", "accounts", "inventory", "orders", "payments", "notifications")


def rows(page: Page, name: str = "span-row") -> int:
    return page.get_by_test_id(name).count()


def test_services_show_health_figures_and_owner(visitor: Visit, shop: Shop) -> None:
    shop.system.pharos("load", "--rate", "2", "--count", "10", "--json", check=False)
    page = visitor.open("/")

    expect(page).to_have_url(re.compile("/services$"))
    for name in (*SERVICES, "postgres", "nats", "lens", "prometheus"):
        expect(page.get_by_test_id(f"service-{name}")).to_contain_text("healthy")
    orders = page.get_by_test_id("service-orders")
    expect(orders).to_contain_text("team-checkout")
    expect(orders).to_contain_text("0.1.0")
    expect(orders).to_contain_text("1/1")
    expect(orders).to_contain_text(re.compile(r"/s|/min"))
    expect(orders).to_contain_text(re.compile(r"\d m?s"))
    expect(page.get_by_test_id("system-state")).to_contain_text("all healthy")


def test_a_service_shows_its_routes_replicas_dependencies_and_objectives(visitor: Visit) -> None:
    page = visitor.open("/services/orders")

    expect(page.get_by_test_id("figures")).to_be_visible()
    expect(page.get_by_test_id("routes")).to_contain_text("POST /orders")
    expect(page.get_by_test_id("replicas")).to_contain_text("orders-1")
    expect(page.get_by_test_id("dependencies")).to_contain_text("payments")
    expect(page.get_by_test_id("objectives")).to_contain_text("placing-latency")
    page.get_by_role("link", name="payments").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("payments")


def test_traces_are_found_by_correlation_order_and_trace_id(visitor: Visit, shop: Shop) -> None:
    page = visitor.open("/traces")
    expect(page.get_by_test_id("trace-row").first).to_be_visible()
    search = page.get_by_test_id("trace-search").get_by_role("textbox").first

    for identifier in (shop.confirmed[name] for name in ("correlation_id", "order_id", "trace_id")):
        search.fill(identifier)
        search.press("Enter")
        expect(page).to_have_url(re.compile(f"text={identifier}"))
        row = page.get_by_test_id("trace-row").filter(has_text="POST /orders").first
        expect(row).to_contain_text(shop.confirmed["correlation_id"])
    page.get_by_test_id("trace-row").filter(has_text="POST /orders").first.click()
    expect(page).to_have_url(re.compile(f"/traces/{shop.confirmed['trace_id']}"))
    expect(page.get_by_test_id("waterfall")).to_be_visible()


def test_traces_are_narrowed_by_service_operation_duration_and_errors(visitor: Visit) -> None:
    page = visitor.open(f"/traces?service=orders&operation={quote('POST /orders')}&min=1ms")
    expect(page.get_by_test_id("trace-row").first).to_contain_text("POST /orders")
    expect(page.get_by_test_id("trace-row").filter(has_text="POST /sessions")).to_have_count(0)

    visitor.open("/traces?min=10m")
    expect(page.get_by_test_id("empty")).to_contain_text("No trace matches")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_test_id("trace-row").first).to_be_visible()


def test_a_trace_shows_every_span_with_its_attributes_and_its_own_log_lines(visitor: Visit, shop: Shop) -> None:
    page = visitor.open(f"/traces/{shop.confirmed['trace_id']}")

    summary = page.get_by_test_id("trace-summary")
    expect(summary).to_contain_text(shop.confirmed["correlation_id"])
    expect(summary).to_contain_text("6 services")
    assert rows(page) > 10
    page.get_by_test_id("span-row").filter(has_text="POST /orders").first.click()
    panel = page.get_by_test_id("span-panel")
    expect(panel).to_contain_text("http.request.method")
    expect(panel).to_contain_text(shop.confirmed["correlation_id"])
    expect(page).to_have_url(re.compile("span=[0-9a-f]{16}"))
    page.get_by_test_id("tab-logs").click()
    expect(page.get_by_test_id("span-logs")).to_contain_text("POST /orders")


def test_a_trace_leads_to_all_its_log_lines(visitor: Visit, shop: Shop) -> None:
    page = visitor.open(f"/traces/{shop.confirmed['trace_id']}")

    page.get_by_role("link", name="All its logs").click()

    expect(page).to_have_url(re.compile(f"/logs.*trace={shop.confirmed['trace_id']}"))
    for name in SERVICES:
        expect(page.get_by_test_id("log-line").filter(has_text=name).first).to_be_visible()


def test_jaegers_address_of_a_trace_is_the_same_page(visitor: Visit, shop: Shop) -> None:
    page = visitor.open(f"/trace/{shop.confirmed['trace_id']}")

    expect(page.get_by_test_id("trace-summary")).to_contain_text(shop.confirmed["correlation_id"])


def test_log_lines_are_narrowed_and_lead_to_their_span(visitor: Visit, shop: Shop) -> None:
    page = visitor.open(f"/logs?service=orders&correlation={shop.confirmed['correlation_id']}")

    lines = page.get_by_test_id("log-line")
    expect(lines.first).to_contain_text("orders")
    expect(lines.filter(has_text="inventory ")).to_have_count(0)
    lines.filter(has_text="POST /orders").first.get_by_role("button").first.click()
    expect(page.get_by_test_id("log-fields").first).to_contain_text(shop.confirmed["correlation_id"])
    page.get_by_role("link", name="Open the span in its trace").first.click()
    expect(page).to_have_url(re.compile(f"/traces/{shop.confirmed['trace_id']}.*span="))
    expect(page.get_by_test_id("span-panel")).to_be_visible()


def test_log_lines_are_searched_by_level_and_text(visitor: Visit) -> None:
    page = visitor.open("/logs")
    expect(page.get_by_test_id("log-line").first).to_be_visible()

    page.get_by_test_id("log-search").get_by_role("textbox").first.fill("POST /payments")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("log-line").first).to_contain_text("POST /payments")
    page.get_by_test_id("level-error").click()
    expect(page).to_have_url(re.compile("level=error"))


def test_new_log_lines_appear_while_they_are_followed(visitor: Visit, shop: Shop) -> None:
    correlation_id = uuid4().hex
    page = visitor.open(f"/logs?live=1&correlation={correlation_id}")
    expect(page.get_by_test_id("live-state")).to_contain_text("Following")
    expect(page.get_by_test_id("log-line")).to_have_count(0)

    request = Request(f"{shop.system.edge}/products", headers={"X-Correlation-ID": correlation_id})
    with urlopen(request, timeout=10) as answer:
        assert answer.status == 200

    newest = page.get_by_test_id("log-line").first
    expect(newest).to_be_visible()
    newest.get_by_role("button").first.click()
    expect(page.get_by_test_id("log-fields").first).to_contain_text(correlation_id)
