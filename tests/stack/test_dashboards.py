"""Every query of every dashboard, and every link between data sources, asked of the real backends."""

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from stack.conftest import Run
from support.dashboards import FILES, Query, load, queries, variables
from support.stack import DAY_NS, Stack

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "observability" / "grafana" / "provisioning" / "datasources"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_query_returns_data(stack: Stack, orders: Run, file: Path) -> None:
    assert orders.correlation_ids
    dashboard = load(file)

    def label_values(label: str, series: str) -> list[str]:
        found: list[str] = stack.prometheus(f"label/{label}/values", **({"match[]": series} if series else {}))
        return found

    values = variables(dashboard, label_values)
    empty = [str(query) for query in queries(dashboard, values) if not _has_data(stack, query)]
    assert empty == []


def test_an_exemplar_leads_to_its_trace(stack: Stack, orders: Run) -> None:
    """By an address, since the link that Grafana makes itself asks Jaeger in another way than by ID."""
    (destination,) = _source("prometheus")["jsonData"]["exemplarTraceIdDestinations"]
    assert "%22jaeger%22" in destination["url"]
    exemplars = stack.prometheus(
        "query_exemplars",
        query='http_server_request_duration_seconds_bucket{service="orders"}',
        start=str(orders.began),
        end=str(time.time()),
    )
    trace_id = exemplars[0]["exemplars"][-1]["labels"][destination["name"]]
    assert stack.jaeger.trace(trace_id) is not None


def test_a_span_leads_to_its_log_lines(stack: Stack, orders: Run) -> None:
    link = _source("jaeger")["jsonData"]["tracesToLogsV2"]
    assert link["datasourceUid"] == "loki"
    (trace,) = stack.traces_of(orders.correlation_ids[0], time.time_ns())
    span = next(span for span in trace.spans if span.service == "orders" and span.kind == "server")
    tags = " , ".join(f'{tag.get("value", tag["key"])}="{span.service}"' for tag in link["tags"])
    query = (
        link["query"]
        .replace("$$", "$")
        .replace("${__tags}", tags)
        .replace("${__span.traceId}", trace.trace_id)
        .replace("${__trace.traceId}", trace.trace_id)
        .replace("${__span.spanId}", span.span_id)
    )
    assert "$" not in query
    assert _log_lines(stack, query)


def test_a_log_line_leads_to_its_trace(stack: Stack, orders: Run) -> None:
    (field,) = _source("loki")["jsonData"]["derivedFields"]
    assert (field["matcherType"], field["datasourceUid"]) == ("label", "jaeger")
    lines = _log_lines(stack, f'{{service_name="orders"}} | correlation_id="{orders.correlation_ids[0]}"')
    trace_ids = {stream["stream"][field["matcherRegex"]] for stream in lines}
    assert {trace.trace_id for trace in stack.traces_of(orders.correlation_ids[0], time.time_ns())} == trace_ids


def _has_data(stack: Stack, query: Query) -> bool:
    match query.source:
        case "prometheus":
            return bool(stack.query(query.expression))
        case "loki":
            return bool(_log_lines(stack, query.expression))
    raise AssertionError(f"{query}: no query of {query.source} is known here")


def _log_lines(stack: Stack, query: str) -> list[dict[str, Any]]:
    now = time.time_ns()
    return stack.loki_streams(query, now - DAY_NS, now)


def _source(uid: str) -> dict[str, Any]:
    documents = [yaml.safe_load(file.read_text()) for file in sorted(SOURCES.glob("*.yaml"))]
    sources = {source["uid"]: source for document in documents for source in document["datasources"]}
    found: dict[str, Any] = sources[uid]
    return found
