"""What the proxy of the engine's socket lets through, and that nothing else reaches the engine."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from proxies import FOREIGN, GONE, OURS, PROJECT, Proxy, proxy_before_an_engine


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    with proxy_before_an_engine(tmp_path) as proxy:
        yield proxy


def test_containers_are_listed_by_the_projects_label_without_their_variables_and_mounts(proxy: Proxy) -> None:
    answer = proxy.asked("GET", "/containers/json")

    assert answer.status == 200
    assert [set(one) for one in answer.document] == [{"Id", "Names", "State", "Status", "Labels", "Addresses"}]
    assert proxy.reached == [
        "GET /containers/json?all=1&filters=%7B%22label%22%3A%20%5B%22com.docker.compose.project%3Dmine%22%5D%7D"
    ]


def test_a_container_of_the_project_is_inspected_without_its_variables_and_mounts(proxy: Proxy) -> None:
    answer = proxy.asked("GET", f"/containers/{OURS}/json")

    assert answer.status == 200
    assert set(answer.document) == {"Id", "Name", "State", "RestartCount", "Labels", "Addresses"}


@pytest.mark.parametrize("action", ["start", "stop", "restart", "stop?t=3", "restart?t=10"])
def test_a_container_of_the_project_is_started_stopped_and_restarted_once_it_was_looked_at(
    proxy: Proxy, action: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = proxy.asked("POST", f"/containers/{OURS}/{action}")

    assert answer.status == 200
    assert proxy.reached == [f"GET /containers/{OURS}/json", f"POST /containers/{OURS}/{action}"]
    assert json.loads(capfd.readouterr().out)["message"] == f"{action} {OURS}"


@pytest.mark.parametrize("identifier", [FOREIGN, GONE])
@pytest.mark.parametrize(("method", "action"), [("GET", "json"), ("POST", "stop"), ("POST", "restart?t=0")])
def test_another_projects_container_is_as_unknown_as_none(
    proxy: Proxy, identifier: str, method: str, action: str
) -> None:
    answer = proxy.asked(method, f"/containers/{identifier}/{action}")

    assert (answer.status, answer.document["reason"]) == (404, "not-ours")
    assert PROJECT in answer.document["message"]
    assert proxy.reached == [f"GET /containers/{identifier}/json"]


FORBIDDEN = [
    ("POST", "/containers/create"),
    ("POST", f"/containers/{OURS}/exec"),
    ("POST", f"/exec/{OURS}/start"),
    ("POST", f"/containers/{OURS}/kill"),
    ("POST", f"/containers/{OURS}/pause"),
    ("POST", f"/containers/{OURS}/update"),
    ("POST", f"/containers/{OURS}/rename?name=x"),
    ("POST", f"/containers/{OURS}/attach?stream=1"),
    ("GET", f"/containers/{OURS}/attach/ws"),
    ("GET", f"/containers/{OURS}/logs?stdout=1"),
    ("GET", f"/containers/{OURS}/archive?path=/run/secrets"),
    ("GET", f"/containers/{OURS}/export"),
    ("GET", f"/containers/{OURS}/top"),
    ("GET", f"/containers/{OURS}/changes"),
    ("POST", "/containers/prune"),
    ("GET", "/images/json"),
    ("POST", "/images/create?fromImage=x"),
    ("POST", "/build"),
    ("POST", "/commit"),
    ("GET", "/volumes"),
    ("POST", "/volumes/create"),
    ("GET", "/networks"),
    ("POST", "/networks/create"),
    ("GET", "/secrets"),
    ("GET", "/swarm"),
    ("POST", "/swarm/init"),
    ("GET", "/services"),
    ("GET", "/plugins"),
    ("GET", "/info"),
    ("GET", "/version"),
    ("GET", "/_ping"),
    ("GET", "/events"),
    ("GET", "/system/df"),
    ("POST", "/auth"),
    ("POST", "/session"),
    ("POST", "/grpc"),
    ("GET", "/"),
    # a permitted call in another dress
    ("GET", f"/containers/{OURS}/stop"),
    ("POST", "/containers/json"),
    ("POST", f"/containers/{OURS}/json"),
    ("GET", "/v1.41/containers/json"),
    ("GET", "/containers/json?all=1"),
    ("GET", "/containers/json?filters=%7B%7D"),
    ("GET", f"/containers/{OURS}/json?size=1"),
    ("POST", f"/containers/{OURS}/restart?t=100"),
    ("POST", f"/containers/{OURS}/restart?t=-1"),
    ("POST", f"/containers/{OURS}/restart?t=1&signal=SIGUSR1"),
    ("POST", f"/containers/{OURS}/stop?signal=SIGUSR1"),
    ("POST", f"/containers/{OURS}/start?detachKeys=x"),
    ("GET", f"/containers/{OURS[:12]}/json"),
    ("GET", f"/containers/{OURS.upper()}/json"),
    ("GET", "/containers/mine-orders-1/json"),
    ("POST", f"/containers/{OURS}/../{FOREIGN}/stop"),
    ("POST", f"/containers/{OURS}%2f..%2f{FOREIGN}/stop"),
    ("POST", f"/containers/{OURS}/stop/../exec"),
    ("GET", "/containers/../images/json"),
    ("GET", "/containers/./json"),
    ("GET", "//containers/json"),
    ("GET", "/containers//json"),
    ("GET", "/containers/json/"),
    ("GET", "/containers/json#x"),
    ("GET", "/containers/json;x"),
    ("GET", "/%63ontainers/json"),
    ("GET", "http://engine/containers/json"),
    ("GET", "/containers/json%0d%0aX:%20y"),
    ("GET", "/CONTAINERS/json"),
    ("GET", "/containers/" + "\u0661" * 64 + "/json"),  # digits, but not of ASCII
]


@pytest.mark.parametrize(("method", "target"), FORBIDDEN)
def test_any_other_call_is_refused_and_logged_and_does_not_reach_the_engine(
    proxy: Proxy, method: str, target: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = proxy.asked(method, target)

    assert (answer.status, answer.document["reason"]) == (403, "not-permitted")
    assert "list, inspect, start, stop and restart" in answer.document["message"]
    line = json.loads(capfd.readouterr().out)
    assert (line["level"], line["reason"]) == ("WARNING", "not-permitted")
    assert line["request"].startswith(method)
    assert proxy.reached == []


@pytest.mark.parametrize("method", ["DELETE", "PUT", "HEAD", "OPTIONS", "CONNECT", "TRACE", "PATCH", "get", "PRI"])
def test_any_other_method_is_refused(proxy: Proxy, method: str) -> None:
    answer = proxy.sent(f"{method} /containers/{OURS}/json HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert (answer.status, answer.document["reason"]) == (501, "malformed")
    assert proxy.reached == []


LIST = b"GET /containers/json HTTP/1.1\r\nHost: x\r\n"
STOP = f"POST /containers/{OURS}/stop HTTP/1.1\r\nHost: x\r\n".encode()


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (STOP + b"Content-Length: 2\r\n\r\n{}", "body"),
        (STOP + b"Content-Length: 00\r\n\r\n", "body"),
        (STOP + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello", "body"),
        (STOP + b"Content-Length: 0, 5\r\n\r\nhello", "body"),
        (STOP + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "field"),
        (STOP + b"Content-Length: 0\r\nTransfer-Encoding: xchunked\r\n\r\n", "field"),
        (STOP + b"Transfer-Encoding : chunked\r\n\r\n", "malformed"),
        (STOP + b"Content-Type: application/json\r\n\r\n", "field"),
        (LIST + b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n", "field"),
        (LIST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n", "field"),
        (LIST + b"Sec-WebSocket-Key: x\r\n\r\n", "field"),
        (LIST + b"X-Registry-Auth: e30=\r\n\r\n", "field"),
        (LIST + b"X-HTTP-Method-Override: DELETE\r\n\r\n", "field"),
        (LIST + b"X-Original-URL: /images/json\r\n\r\n", "field"),
        (LIST + b"Authorization: Basic eA==\r\n\r\n", "field"),
        (LIST + b"no colon in this line\r\n\r\n", "malformed"),
        (LIST + b"A: " + b"x" * 70_000 + b"\r\n\r\n", "malformed"),
        (LIST + b"".join(b"Accept: %d\r\n" % number for number in range(200)) + b"\r\n", "malformed"),
        (b"GET /containers/json\r\n\r\n", "malformed"),
        (b"GET /containers/json HTTP/3.0\r\n\r\n", "malformed"),
        (b"GET  HTTP/1.1\r\n\r\n", "malformed"),
        (b"GET /containers/json x HTTP/1.1\r\n\r\n", "malformed"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", "malformed"),
        (b"\x16\x03\x01\x02\x00\x01\x00 \x01 \x00\r\n\r\n", "malformed"),
    ],
)
def test_bodies_upgrades_and_what_servers_may_read_in_two_ways_are_refused(
    proxy: Proxy, written: bytes, reason: str
) -> None:
    answer = proxy.sent(written)

    assert answer.status >= 400
    assert answer.document["reason"] == reason
    assert proxy.reached == []


@pytest.mark.parametrize(
    "first", [LIST + b"\r\n", LIST + b"Connection: keep-alive\r\nContent-Length: 0\r\n\r\n", STOP + b"\r\n"]
)
def test_what_follows_a_request_on_its_connection_is_not_read(proxy: Proxy, first: bytes) -> None:
    answer = proxy.sent(first + f"POST /containers/{OURS}/restart HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert answer.status == 200
    assert not [one for one in proxy.reached if "restart" in one]


def test_an_engine_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with proxy_before_an_engine(tmp_path) as proxy:
        (tmp_path / "engine.sock").unlink()
        answer = proxy.asked("GET", "/containers/json")

    assert (answer.status, answer.document["reason"]) == (502, "engine-unreachable")
