"""Where `trace` and `logs` look in Docker mode: a store stands at the ports of Jaeger and of Loki."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lens_store import ROOT, Result, Store, line, logs, new_id, span, spans

from pharos.docker.record import DockerRecord, write_record
from warden.layout import Ports, StateFolder

Pharos = Callable[..., Result]


def record(folder: Path, port: int, part: str, without: str) -> Path:
    """A system in containers, of which one backend is at this port."""
    ports = Ports(port - (Ports().of(part) - Ports().base))
    system = DockerRecord(
        project="pharos-00000000", root=str(ROOT), port_base=ports.base, without=[without], replicas={}, parts={},
        versions={}, started=time.time(), ready=True,
    )  # fmt: skip
    write_record(StateFolder(folder), system)
    return folder


@pytest.fixture
def correlation(store: Store) -> str:
    found, trace = f"corr-{new_id(8)}", new_id(16)
    values = {"correlation.id": found}
    store.post("traces", spans("edge", span(trace, new_id(8), attributes=values)))
    store.post("logs", logs("edge", line("POST /orders", time.time_ns(), traceId=trace, attributes=values)))
    return found


def test_a_trace_comes_from_jaeger_and_its_link_leads_there(
    pharos: Pharos, store: Store, correlation: str, tmp_path: Path
) -> None:
    state = record(tmp_path, store.port, "jaeger", without="loki")

    found, lines = pharos("trace", correlation, state=state), pharos("logs", correlation, state=state)

    assert found.code == 0, found.err
    assert f"http://127.0.0.1:{store.port}/trace/" in found.out
    assert lines.code == 1
    assert "without loki" in lines.err


def test_log_lines_come_from_loki_also_without_jaeger(
    pharos: Pharos, store: Store, correlation: str, tmp_path: Path
) -> None:
    state = record(tmp_path, store.port, "loki", without="jaeger")

    found, lines = pharos("trace", correlation, state=state), pharos("logs", correlation, "--json", state=state)

    assert [one["message"] for one in lines.lines] == ["POST /orders"]
    assert found.code == 1
    assert "without jaeger" in found.err
