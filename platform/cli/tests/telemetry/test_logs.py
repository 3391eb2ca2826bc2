import time
from collections.abc import Callable
from typing import NamedTuple

import pytest
from lens_store import Result, Store, line, logs, new_id, span, spans

Pharos = Callable[..., Result]


class Request(NamedTuple):
    correlation: str
    trace: str
    order: str
    began: int


@pytest.fixture(scope="module")
def request_ids(store: Store) -> Request:
    """One request: lines of two services, one of them without a correlation ID but with the trace."""
    ids = Request(f"corr-{new_id(8)}", new_id(16), f"order-{new_id(8)}", time.time_ns() - 60 * 10**9)
    values = {"correlation.id": ids.correlation}
    store.post("traces", spans("edge", span(ids.trace, new_id(8), attributes=values | {"order.id": ids.order})))
    store.post(
        "logs",
        logs(
            "payments",
            line("declined", ids.began + 1_500_000, severityNumber=13, severityText="WARNING",
                 attributes=values | {"reason": "card\x1b[31m"}),
            line("library line", ids.began + 3_000_000, traceId=ids.trace),
        ),
    )  # fmt: skip
    store.post("logs", logs("edge", line("POST /orders", ids.began, traceId=ids.trace, attributes=values)))
    return ids


@pytest.mark.parametrize("kind", ["correlation", "trace", "order"])
def test_any_id_leads_to_every_line_in_order_of_time(pharos: Pharos, request_ids: Request, kind: str) -> None:
    result = pharos("logs", getattr(request_ids, kind), "--json")

    assert result.code == 0, result.err
    assert [(found["service"], found["message"]) for found in result.lines] == [
        ("edge", "POST /orders"),
        ("payments", "declined"),
        ("payments", "library line"),
    ]


def test_a_line_has_the_documented_shape(pharos: Pharos, request_ids: Request) -> None:
    first, second, _ = pharos("logs", request_ids.correlation, "--json").lines

    assert list(first) == ["time", "level", "service", "message", "trace_id", "span_id", "correlation_id"]
    assert first["trace_id"] == request_ids.trace
    assert first["time"].endswith("Z")
    assert (second["level"], second["correlation_id"]) == ("WARNING", request_ids.correlation)
    assert second["reason"] == "card\x1b[31m"


def test_people_get_one_line_each_and_no_control_characters(pharos: Pharos, request_ids: Request) -> None:
    out = pharos("logs", request_ids.correlation).out

    first, second, _ = out.splitlines()
    assert first.split()[1:] == ["INFO", "edge", "POST", "/orders"]
    assert second.split()[1:4] == ["WARNING", "payments", "declined"]
    assert "reason=card [31m" in second
    assert "\x1b" not in out


def test_more_lines_than_one_page_are_all_shown(pharos: Pharos, store: Store) -> None:
    correlation, began = f"corr-{new_id(8)}", time.time_ns() - 60 * 10**9
    values = {"correlation.id": correlation}
    store.post("logs", logs("orders", *(line(f"line {n}", began + n // 3, attributes=values) for n in range(5_600))))

    assert len(pharos("logs", correlation, "--json").lines) == 5_600
