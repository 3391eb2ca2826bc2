"""A real lens process for the tests, and a plain HTTP client for it."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import settings

MANIFEST = Path(__file__).parents[1] / "service.toml"
START_SECONDS = 30.0
settings.register_profile("shared", deadline=None)  # other work on the machine is no failure
settings.load_profile("shared")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class LensProcess:
    """`python -m lens` on a port of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self._settings = settings

    def start(self) -> "LensProcess":
        environment = {
            "PATH": os.environ["PATH"],
            "PHAROS_MANIFEST": str(MANIFEST),
            "PHAROS_PORT": str(self.port),
            "LENS_DATA": str(self.folder / "lens"),
            "LENS_MAIL_DATA": str(self.folder / "mail"),
            **self._settings,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lens"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self._process.communicate()[1].decode()
            assert time.monotonic() < deadline, "lens does not become ready"
            time.sleep(0.05)
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self._process.send_signal(number)
        self._process.communicate(timeout=20)
        return self._process.returncode

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path: str, **parameters: Any) -> Answer:
        return self.send("GET", f"{path}?{urlencode(parameters, doseq=True)}" if parameters else path)

    def post_form(self, path: str, **fields: str) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(fields).encode(), headers)

    def post_json(self, signal_name: str, document: Any) -> Answer:
        headers = {"Content-Type": "application/json"}
        return self.send("POST", f"/v1/{signal_name}", json.dumps(document).encode(), headers)

    def _answers(self) -> bool:
        try:
            return self.get("/health/ready").status == 200
        except OSError:
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def lens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LensProcess]:
    process = LensProcess(tmp_path_factory.mktemp("lens")).start()
    yield process
    assert process.stop() == 0


@pytest.fixture
def start_lens(tmp_path: Path) -> Iterator[Callable[..., LensProcess]]:
    """Start a lens on this test's own data; what still runs at the end is killed."""
    started: list[LensProcess] = []

    def start(**settings: str) -> LensProcess:
        started.append(LensProcess(tmp_path, **settings).start())
        return started[-1]

    yield start
    for process in started:
        if process._process.poll() is None:
            process.stop(signal.SIGKILL)


@pytest.fixture
def service() -> str:
    """A service name that no other test uses."""
    return f"service-{secrets.token_hex(4)}"


def attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    kinds: dict[type, Callable[[Any], dict[str, Any]]] = {
        str: lambda v: {"stringValue": v},
        bool: lambda v: {"boolValue": v},
        int: lambda v: {"intValue": str(v)},
        float: lambda v: {"doubleValue": v},
        list: lambda v: {"arrayValue": {"values": [kinds[type(item)](item) for item in v]}},
    }
    return [{"key": key, "value": kinds[type(value)](value)} for key, value in values.items()]


def span(trace_id: str, span_id: str, parent: str = "", **fields: Any) -> dict[str, Any]:
    now = time.time_ns()
    document = {
        "traceId": trace_id,
        "spanId": span_id,
        "parentSpanId": parent,
        "name": "GET /things",
        "kind": 2,
        "startTimeUnixNano": str(now),
        "endTimeUnixNano": str(now + 5_000_000),
    }
    document.update(fields)
    if isinstance(document.get("attributes"), dict):
        document["attributes"] = attributes(document["attributes"])
    return document


def traces(service: str, *spans: dict[str, Any], **resource: Any) -> dict[str, Any]:
    described = attributes({"service.name": service, **resource})
    return {"resourceSpans": [{"resource": {"attributes": described}, "scopeSpans": [{"spans": list(spans)}]}]}


def logs(service: str, *lines: dict[str, Any], **resource: Any) -> dict[str, Any]:
    described = attributes({"service.name": service, **resource})
    return {"resourceLogs": [{"resource": {"attributes": described}, "scopeLogs": [{"logRecords": list(lines)}]}]}


def line(body: str, time_ns: int, **fields: Any) -> dict[str, Any]:
    document: dict[str, Any] = {"timeUnixNano": str(time_ns), "severityNumber": 9, "severityText": "INFO"}
    document |= {"body": {"stringValue": body}, **fields}
    if isinstance(document.get("attributes"), dict):
        document["attributes"] = attributes(document["attributes"])
    return document


def new_trace_id() -> str:
    return secrets.token_hex(16)


def new_span_id() -> str:
    return secrets.token_hex(8)
