"""Large traces in OTLP JSON."""

import secrets
import time
from typing import Any

SERVICES = ("front", "middle", "back", "store")
SPAN_NS = 400_000
SLACK_NS = 100_000


def wide_trace(spans: int, fan_out: int = 8) -> tuple[str, dict[str, Any]]:
    """A trace ID and an export request: a tree of so many spans over four services, a few of them failed."""
    trace_id, begin = secrets.token_hex(16), time.time_ns() - spans * SPAN_NS
    ids = [secrets.token_hex(8) for _ in range(spans)]
    end = begin + spans * SPAN_NS + SLACK_NS
    groups: dict[str, list[dict[str, Any]]] = {service: [] for service in SERVICES}
    for number, span_id in enumerate(ids):
        parent = (number - 1) // fan_out
        start = begin + number * SPAN_NS
        groups[SERVICES[number % len(SERVICES)]].append({
            "traceId": trace_id,
            "spanId": span_id,
            "parentSpanId": ids[parent] if number else "",
            "name": f"step {number}",
            "kind": 2,
            "startTimeUnixNano": str(start),
            "endTimeUnixNano": str(end if number == 0 else start + SPAN_NS),
            "attributes": [{"key": "correlation.id", "value": {"stringValue": f"wide-{trace_id[:12]}"}}],
            "status": {"code": 2, "message": "refused"} if number % 997 == 5 else {},
        })  # fmt: skip
    return trace_id, {
        "resourceSpans": [
            {
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
                "scopeSpans": [{"spans": group}],
            }
            for service, group in groups.items()
        ]
    }
