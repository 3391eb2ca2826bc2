"""A trace of five thousand spans."""

import re

from playwright.sync_api import Browser, expect

from console.alone import LensAlone, ask
from console.browser import visit
from console.spans import wide_trace

SPANS = 5_000


def test_five_thousand_spans_are_shown_with_few_elements(browser: Browser, empty: LensAlone) -> None:
    trace_id, document = wide_trace(SPANS)
    assert ask(empty.port, "POST", "/v1/traces", document)[0] == 200
    with visit(browser, empty.origin) as seen:
        page = seen.open(f"/traces/{trace_id}")

        expect(page.get_by_test_id("trace-summary")).to_contain_text("5,000 spans")
        expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(SPANS))
        expect(page.get_by_test_id("span-row").first).to_contain_text("step 0")
        assert page.get_by_test_id("span-row").count() < 200
        page.keyboard.press("e")
        expect(page.get_by_test_id("span-panel")).to_contain_text("refused")
        expect(page.get_by_test_id("span-row").filter(has_text=re.compile(r"step \d+")).first).to_be_visible()
        page.keyboard.press("e")
        expect(page).to_have_url(re.compile("span=[0-9a-f]{16}"))
        seen.require_clean()
