from typing import Any

from chaos.verdict import Measured, Orders, Requests, Verdict

GOOD = Measured(
    steady_after="",
    method=(),
    detection_seconds=0.5,
    recovery_seconds=2.0,
    service_seconds=0.25,
    left_open=(),
    restarts=1,
    bystanders={},
    requests=Requests(sent=200, failed=2, p99_ms=40.0),
    orders=Orders(acknowledged=50, lost=0, doubled=0),
)


def verdict(measured: Measured = GOOD, **changes: Any) -> Verdict:
    fields: dict[str, Any] = {
        "experiment": "kill", "title": "A title", "fault": "kill", "target": "orders-1", "mode": "embedded",
        "seed": 1, "began": 1767323045.0, "struck": 1767323050.0, "lifted": None, "seconds": 20.0,
        "passed": True, "findings": [],
        "cold_start_seconds": 1.6, "failures": {}, "failed_trace_ids": [], "links": {},
    }  # fmt: skip
    return Verdict(measured=measured, **(fields | changes))
