"""A journal and verdicts as warden and a chaos run leave them, for a lens by itself."""

import json
import time
from pathlib import Path
from typing import Any

from chaos.store import store
from chaos.verdict import Measured, Orders, Requests, Verdict
from warden.journal import Entry, Journal
from warden.layout import StateFolder

STACK = 'File "handlers.py", line 7 in wait_for_ever'
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
FAILED_TRACE = "0af7651916cd43dd8448eb211c80319c"


def settings(state: Path) -> dict[str, str]:
    """What a lens is told to find it."""
    folder = StateFolder(state)
    return {"LENS_JOURNAL": str(folder.journal), "LENS_VERDICTS": str(folder.verdicts)}


def write_hang(state: Path) -> None:
    """A hang of orders-1 a minute ago that was healed, and an exit of payments-2 just now."""
    now = time.time()
    told: dict[str, Any] = {"instance": "orders-1", "service": "orders", "owner": "team-checkout", "fault": "hang"}
    bare: dict[str, Any] = {"instance": "orders-1", "fault": "hang"}
    entries = [
        Entry(time=now - 60, event="hung", action="restart", reason="3 probes without an answer", trace_id=TRACE,
              details={"failures": 3}, **told),
        Entry(time=now - 59.8, event="dumped", reason="what it did before it was ended: T (stopped)",
              details={"state": "T (stopped)", "threads": 2, "stacks": [STACK], "wchan": {"7": "do_signal_stop"}},
              **bare),
        Entry(time=now - 59.5, event="stopped", action="start", reason="killed", details={"after": 0.25}, **told),
        Entry(time=now - 59.2, event="started", reason="ended by signal 9", details={"pid": 7}, **bare),
        Entry(time=now - 55.5, event="ready", reason="ready again", details={"seconds": 4.5}, **told),
        Entry(time=now - 5, event="exited", action="restart", reason="ended by signal 9 after 60.0 s of health",
              instance="payments-2", service="payments", fault="exit", details={"after": 0.5}),
    ]  # fmt: skip
    for entry in entries:
        append(state, entry)


def append(state: Path, entry: Entry) -> None:
    """Write one more entry."""
    Journal(StateFolder(state).journal).append(entry)


def write_nonsense(state: Path) -> None:
    """A line that a power loss left, and a verdict of which half is there."""
    folder = StateFolder(state)
    with folder.journal.open("ab") as file:
        file.write(b'{"time": 17\n')
    folder.verdicts.mkdir(parents=True, exist_ok=True)
    (folder.verdicts / "0-half.json").write_text(json.dumps({"experiment": "half"}))


def write_verdicts(state: Path) -> None:
    """A run that passed and one that did not."""
    store(StateFolder(state), _verdict("kill", 600.0, _measured()))
    lost = Orders(acknowledged=40, lost=2, doubled=0)
    measured = _measured(recovery=None, failed=7, orders=lost, bystanders={"payments-1": 1})
    findings = ["2 orders lost", "never recovered (within 10 s)"]
    store(StateFolder(state), _verdict("hang", 60.0, measured, findings))


def _measured(
    recovery: float | None = 1.9,
    failed: int = 0,
    orders: Orders = Orders(acknowledged=40, lost=0, doubled=0),  # noqa: B008 - frozen
    bystanders: dict[str, int] | None = None,
) -> Measured:
    return Measured(
        steady_after="", method=(), detection_seconds=0.012, recovery_seconds=recovery, service_seconds=0.4,
        left_open=(), restarts=1, bystanders=bystanders or {}, requests=Requests(sent=900, failed=failed, p99_ms=41.0),
        orders=orders,
    )  # fmt: skip


def _verdict(name: str, ago: float, measured: Measured, findings: list[str] | None = None) -> Verdict:
    began = time.time() - ago
    return Verdict(
        experiment=name, title=f"A {name} is survived", fault=name, target="orders-1", mode="embedded", seed=3,
        began=began, struck=began + 5, lifted=None, seconds=31.0, passed=not findings, findings=findings or [],
        measured=measured, cold_start_seconds=1.5, failures={"503": measured.requests.failed} if findings else {},
        failed_trace_ids=[FAILED_TRACE] if findings else [], links={"trace": f"http://127.0.0.1:1/trace/{TRACE}"},
    )  # fmt: skip
