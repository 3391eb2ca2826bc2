"""The console's addresses, headers and documents, asked of a real lens."""

import json
import socket
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import pytest

from conftest import LensProcess, free_port
from lens.console.guard import is_local
from lens.console.pages import PAGES
from testkit import wait_until

LOCAL = ("localhost", "LOCALHOST:7701", "127.0.0.1", "127.0.0.1:7701", "127.9.9.9:1", "[::1]", "[::1]:7701")
FOREIGN = ("", "pharos.example", "localhost.example:7701", "127.0.0.1.example", "192.0.2.1:7701", "[2001:db8::1]:7701")
MANIFEST = """
name = "{name}"
description = "What {name} does"
owner = "team-{name}"
pager = "{name}@pharos.example"
tier = 2
database = false
{more}
"""
SLO = """
[calls]
other = ["ask"]
[[slos]]
name = "latency"
kind = "latency"
objective = 0.99
threshold_ms = 250
route = "GET /things"
"""


@pytest.mark.parametrize("host", LOCAL)
def test_a_loopback_name_is_local(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_name_is_not(host: str) -> None:
    assert not is_local(host)


@pytest.mark.parametrize("path", ["/", "/api/services", "/v1/traces", "/metrics", "/assets/app.js", "/nowhere"])
def test_a_request_for_another_host_is_refused_on_every_route(lens: LensProcess, path: str) -> None:
    answer = lens.send("GET", path, headers={"Host": "pharos.example:7701"})

    assert (answer.status, answer.json["reason"]) == (421, "host-not-local")
    assert answer.json["correlation_id"] == answer.headers["x-correlation-id"]


@pytest.mark.parametrize("path", ["/", "/api/services", "/api/console/system", "/metrics", "/health/ready", "/nowhere"])
def test_every_answer_has_the_security_headers(lens: LensProcess, path: str) -> None:
    headers = lens.get(path).headers

    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", ["/api/services", "/api/console/dashboards", "/health/ready", "/nowhere"])
def test_head_is_get_without_the_body(lens: LensProcess, path: str) -> None:
    got, headed = lens.get(path), lens.send("HEAD", path)

    assert (headed.status, headed.body) == (got.status, b"")
    assert headed.headers["content-type"] == got.headers["content-type"]


def test_one_connection_serves_on_after_head(lens: LensProcess) -> None:
    connection = HTTPConnection("127.0.0.1", lens.port, timeout=20)
    for method in ("HEAD", "GET", "HEAD", "GET"):
        connection.request(method, "/api/services")
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
    connection.close()


def test_the_page_is_at_each_of_its_addresses_and_counted_by_template(lens: LensProcess) -> None:
    addresses = [path.split("{")[0] + "some-name" if "{" in path else path for path in PAGES]

    answers = {lens.get(address).status for address in addresses}

    assert len(answers) == 1
    routes = {line for line in lens.get("/metrics").body.decode().splitlines() if "some-name" in line}
    assert not routes


def test_what_the_page_has_no_file_for_is_a_problem(lens: LensProcess) -> None:
    for name in ("nowhere.js", "..%2f..%2fapp.py", "%2e%2e/index.html", "a/../../index.html", ".hidden"):
        answer = lens.get(f"/assets/{name}")
        assert (answer.status, answer.json["status"]) == (404, 404)


class Checkout:
    """What lens is told of, made for a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("services", "platform", "dashboards/team-a", "runbooks"):
            (folder / name).mkdir(parents=True)

    def manifest(self, kind: str, name: str, more: str = "") -> None:
        (self.folder / kind / name).mkdir()
        (self.folder / kind / name / "service.toml").write_text(MANIFEST.format(name=name, more=more))

    def processes(self, *records: dict[str, object]) -> None:
        (self.folder / "parts.json").write_text(json.dumps(records))

    @property
    def settings(self) -> dict[str, str]:
        return {
            "LENS_SERVICES": str(self.folder / "services"),
            "LENS_PLATFORM": str(self.folder / "platform"),
            "LENS_DASHBOARDS": str(self.folder / "dashboards"),
            "LENS_RUNBOOKS": str(self.folder / "runbooks"),
            "LENS_PARTS": str(self.folder / "parts.json"),
        }


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


def record(part: str, port: int, pid: int = 1, **more: object) -> dict[str, object]:
    return {"part": part, "instance": f"{part}-1", "pid": pid, "birth": "b", "port": port, "version": "1.2.3", **more}


def test_the_system_is_what_manifests_say_and_processes_answer(
    start_lens: Callable[..., LensProcess], checkout: Checkout
) -> None:
    checkout.manifest("services", "thing", SLO)
    checkout.manifest("services", "asleep")
    checkout.manifest("platform", "lens")
    (checkout.folder / "services" / "broken").mkdir()
    (checkout.folder / "services" / "broken" / "service.toml").write_text("tier = 'x'")
    lens = start_lens(**checkout.settings)
    with socket.create_server(("127.0.0.1", 0)) as store:
        checkout.processes(
            record("lens", lens.port, lens.pid, restarts=2),
            record("thing", free_port()),
            record("thing", lens.port, pid=0),
            record("postgres", store.getsockname()[1]),
        )
        system = lens.get("/api/console/system").json

    parts = {part["name"]: part for part in system["services"]}
    assert system["mode"] == "embedded"
    assert {name: (part["kind"], part["health"]) for name, part in parts.items()} == {
        "thing": ("service", "down"),
        "asleep": ("service", "down"),
        "lens": ("platform", "ok"),
        "postgres": ("store", "ok"),
    }
    (own,) = parts["lens"]["replicas"]
    assert (own["instance"], own["port"], own["restarts"]) == ("lens-1", lens.port, 2)
    assert own["started"] > 1_600_000_000
    assert parts["thing"]["slos"] == [
        {"name": "latency", "kind": "latency", "objective": 0.99, "threshold_ms": 250, "route": "GET /things",
         "window_days": 28},
    ]  # fmt: skip
    assert (parts["thing"]["owner"], parts["thing"]["calls"]) == ("team-thing", ["other"])
    assert [one["health"] for one in parts["thing"]["replicas"]] == ["down", "down"]
    assert parts["postgres"]["version"] == "1.2.3"


async def test_a_process_that_does_not_answer_fails_when_it_is_late_again(
    start_lens: Callable[..., LensProcess], checkout: Checkout
) -> None:
    checkout.manifest("services", "thing")
    lens = start_lens(**checkout.settings)

    def health() -> str:
        (thing,) = lens.get("/api/console/system").json["services"]
        return str(thing["health"])

    with socket.create_server(("127.0.0.1", 0)) as silent:
        checkout.processes(record("thing", silent.getsockname()[1], lens.pid))
        assert await wait_until(lambda: health() == "ok", timeout=20)
        assert await wait_until(lambda: health() == "failing", timeout=20)


def test_a_lens_that_was_told_nothing_says_so_and_works(start_lens: Callable[..., LensProcess]) -> None:
    lens = start_lens()

    system = lens.get("/api/console/system").json

    assert system["services"] == []
    assert system["prometheus"]["available"] is False
    assert "LENS_PROMETHEUS_URL" in system["prometheus"]["hint"]
    assert lens.get("/api/console/dashboards").json == lens.get("/api/console/runbooks").json == []
    assert lens.get("/api/console/traces").json == {"traces": []}


def test_dashboards_and_runbooks_are_listed_and_given_as_they_are(
    start_lens: Callable[..., LensProcess], checkout: Checkout
) -> None:
    text = '{"uid": "flow", "title": "Flow", "tags": ["a"], "panels": []}'
    (checkout.folder / "dashboards" / "team-a" / "flow.json").write_text(text)
    (checkout.folder / "dashboards" / "team-a" / "broken.json").write_text("{")
    (checkout.folder / "runbooks" / "lag.md").write_text("# The outbox lags\n\nLook.\n")
    (checkout.folder / "runbooks" / "README.md").write_text("# Runbooks\n")
    lens = start_lens(**checkout.settings)

    assert lens.get("/api/console/dashboards").json == [
        {"uid": "flow", "title": "Flow", "description": "", "folder": "team-a", "tags": ["a"]}
    ]
    assert lens.get("/api/console/dashboards/flow").body.decode() == text
    assert lens.get("/api/console/dashboards/..%2fflow").json["status"] == 404
    assert lens.get("/api/console/dashboards/none").json["reason"] == "dashboard-unknown"
    assert lens.get("/api/console/runbooks").json == [{"name": "lag", "title": "The outbox lags"}]
    assert lens.get("/api/console/runbooks/lag").json["markdown"].endswith("Look.\n")
    assert lens.get("/api/console/runbooks/README").json["reason"] == "runbook-unknown"
