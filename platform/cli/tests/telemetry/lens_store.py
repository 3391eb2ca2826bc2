"""A running system of which only the telemetry store is there, and the `pharos` command against it."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings

from warden.identity import birth_of
from warden.layout import Ports, StateFolder
from warden.record import WardenRecord

ROOT = Path(__file__).parents[4]
START_SECONDS = 30.0
settings.register_profile("shared", deadline=None)  # other work on the machine is no failure
settings.load_profile("shared")
A_MINUTE_AGO = time.time_ns() - 60 * 10**9


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Store:
    """The system's state folder and its lens."""

    state: Path
    port: int

    def post(self, signal: str, document: Any) -> None:
        status = self._request("POST", f"/v1/{signal}", json.dumps(document).encode())
        assert status == 200

    def ready(self) -> bool:
        try:
            return self._request("GET", "/health/ready", None) == 200
        except OSError:
            return False

    def _request(self, method: str, path: str, body: bytes | None) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    state = StateFolder(tmp_path_factory.mktemp("state"))
    ports = Ports(_free_base())
    record = WardenRecord(
        pid=os.getpid(), birth=birth_of(os.getpid()) or "", started=time.time(), port_base=ports.base, root=str(ROOT),
        replicas={}, ready=True,
    )  # fmt: skip
    state.warden.write_bytes(msgspec.json.encode(record))
    environment = {
        "PATH": os.environ["PATH"],
        "PHAROS_MANIFEST": str(ROOT / "platform" / "lens" / "service.toml"),
        "PHAROS_PORT": str(ports.of("lens")),
        "LENS_DATA": str(state.path / "data" / "lens"),
    }
    process = subprocess.Popen([sys.executable, "-m", "lens"], env=environment, stdout=subprocess.DEVNULL)
    opened = Store(state.path, ports.of("lens"))
    deadline = time.monotonic() + START_SECONDS
    while not opened.ready():
        assert process.poll() is None, "lens ended"
        assert time.monotonic() < deadline, "lens does not become ready"
        time.sleep(0.05)
    yield opened
    process.terminate()
    process.wait(10)


@pytest.fixture
def pharos(store: Store) -> Callable[..., Result]:
    """Run the command on the system of these tests, in a pipe."""

    def run(*arguments: str, state: Path | None = None) -> Result:
        command = [sys.executable, "-c", "from pharos.main import main; main()", *arguments]
        command += ["--state", str(state or store.state)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return Result(done.returncode, done.stdout, done.stderr)

    return run


def _free_base() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1]) - 1


def new_id(size: int) -> str:
    return secrets.token_hex(size)


def spans(service: str, *listed: Mapping[str, Any]) -> dict[str, Any]:
    return {"resourceSpans": [{"resource": _resource(service), "scopeSpans": [{"spans": list(listed)}]}]}


def logs(service: str, *listed: Mapping[str, Any]) -> dict[str, Any]:
    return {"resourceLogs": [{"resource": _resource(service), "scopeLogs": [{"logRecords": list(listed)}]}]}


def span(
    trace_id: str, span_id: str, parent: str = "", *, at_ms: int = 0, ms: int = 5, **fields: Any
) -> dict[str, Any]:
    begin = A_MINUTE_AGO + at_ms * 10**6
    values = fields.pop("attributes", {})
    return {
        "traceId": trace_id,
        "spanId": span_id,
        "parentSpanId": parent,
        "name": "POST /orders",
        "kind": 2,
        "startTimeUnixNano": str(begin),
        "endTimeUnixNano": str(begin + ms * 10**6),
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in values.items()],
        **fields,
    }


def line(message: str, time_ns: int, **fields: Any) -> dict[str, Any]:
    values = fields.pop("attributes", {})
    return {
        "timeUnixNano": str(time_ns),
        "severityNumber": 9,
        "severityText": "INFO",
        "body": {"stringValue": message},
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in values.items()],
        **fields,
    }


def _resource(service: str) -> dict[str, Any]:
    return {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
