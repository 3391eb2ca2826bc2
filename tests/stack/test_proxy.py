"""What can be done to the engine from where warden stands: the real proxy, the real engine, every forbidden call."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from support.stack import Stack

ASK = """
import json, socket, sys

for request in json.load(sys.stdin):
    with socket.socket(socket.AF_UNIX) as proxy:
        proxy.settimeout(30)
        proxy.connect("/run/pharos/engine.sock")
        proxy.sendall(request.encode("latin-1"))
        answer = b""
        while part := proxy.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\\r\\n\\r\\n")
    print(json.dumps([int(head.split()[1]), json.loads(body)]))
"""
"""Writes each of these requests on a connection of its own and reads until it is closed."""


class Answer(NamedTuple):
    """Status and document."""

    status: int
    document: Any


def ask(stack: Stack, *requests: str) -> list[Answer]:
    """The answers that warden's container gets."""
    words = ("docker", "exec", "--interactive", f"{stack.project}-warden-1", "python", "-c", ASK)
    done = subprocess.run(words, input=json.dumps(requests), capture_output=True, text=True, check=True)
    return [Answer(*json.loads(line)) for line in done.stdout.splitlines()]


def plain(line: str, *fields: str, body: str = "") -> str:
    return "\r\n".join((f"{line} HTTP/1.1", "Host: docker-proxy", *fields, "", body))


@pytest.fixture(scope="module")
def ours(stack: Stack) -> str:
    """A container of the system."""
    return stack.compose("ps", "--quiet", "orders").strip()


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    """A container of nobody's project, with an image that is here anyway."""
    words = ("docker", "run", "--detach", "--label", "com.docker.compose.project=another", "--entrypoint", "sleep")
    made = subprocess.run((*words, "postgres:18-bookworm", "600"), capture_output=True, text=True, check=True)
    identifier = made.stdout.strip()
    yield identifier
    subprocess.run(("docker", "rm", "--force", "--volumes", identifier), capture_output=True, check=True)


def state_of(container: str) -> str:
    words = ("docker", "inspect", "--format", "{{.State.Status}} {{.State.StartedAt}}", container)
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_only_the_containers_of_this_system_are_listed(stack: Stack, foreign: str) -> None:
    (answer,) = ask(stack, plain("GET /containers/json"))
    found = {one["Id"]: one for one in answer.document}
    assert set(found) == set(stack.compose("ps", "--all", "--quiet", "--no-trunc").split())
    assert foreign not in found
    assert all("Mounts" not in one for one in found.values())


def test_a_container_is_inspected_without_its_variables(stack: Stack, ours: str) -> None:
    (answer,) = ask(stack, plain(f"GET /containers/{ours}/json"))
    assert answer.document["State"]["Status"] == "running"
    assert not {"Config", "HostConfig", "Mounts"} & answer.document.keys()


def test_containers_of_others_can_neither_be_seen_nor_moved(stack: Stack, foreign: str) -> None:
    before = state_of(foreign)
    calls = ("GET {}/json", "POST {}/stop?t=0", "POST {}/restart", "POST {}/start")
    answers = ask(stack, *(plain(call.format(f"/containers/{foreign}")) for call in calls))
    assert {(answer.status, answer.document["reason"]) for answer in answers} == {(404, "not-ours")}
    assert state_of(foreign) == before


def test_every_forbidden_call_is_refused_with_a_reason_and_logged_and_has_no_effect(
    stack: Stack, ours: str, foreign: str
) -> None:
    own, body = f"/containers/{ours}", '{"Image":"postgres:18-bookworm","HostConfig":{"Privileged":true}}'
    sized = f"Content-Length: {len(body)}"
    forbidden = {
        plain("POST /containers/create", sized, body=body): "body",
        plain("POST /containers/create"): "not-permitted",
        plain(f"POST {own}/exec"): "not-permitted",
        plain(f"POST {own}/kill?signal=KILL"): "not-permitted",
        plain(f"POST {own}/update", sized, body=body): "body",
        plain(f"DELETE {own}?force=1"): "malformed",
        plain(f"PUT {own}/archive?path=/"): "malformed",
        plain(f"GET {own}/archive?path=/run/secrets"): "not-permitted",
        plain(f"GET {own}/logs?stdout=1"): "not-permitted",
        plain("GET /images/json"): "not-permitted",
        plain("POST /images/create?fromImage=x"): "not-permitted",
        plain("GET /volumes"): "not-permitted",
        plain("GET /secrets"): "not-permitted",
        plain("GET /info"): "not-permitted",
        plain("GET /v1.41/containers/json?all=1"): "not-permitted",
        plain(f"POST {own}/../{foreign}/stop"): "not-permitted",
        plain(f"POST {own}/stop%2f..%2fexec"): "not-permitted",
        plain(f"POST {own}/restart?t=1&signal=USR1"): "not-permitted",
        plain(f"POST {own}/attach?stream=1", "Connection: Upgrade", "Upgrade: tcp"): "field",
        plain("POST /session", "Connection: Upgrade", "Upgrade: h2c"): "field",
        plain(f"POST {own}/stop", "Transfer-Encoding: chunked", body="0\r\n\r\n"): "field",
        plain(f"POST {own}/stop", "Transfer-Encoding : chunked", body="0\r\n\r\n"): "malformed",
        plain(f"POST {own}/stop", "Content-Length: 0", "Content-Length: 9", body="DELETE /x"): "body",
        f"GET {own}/json\r\n\r\n": "malformed",
    }
    before = state_of(ours)

    answers = ask(stack, *forbidden)

    assert [answer.document["reason"] for answer in answers] == list(forbidden.values())
    assert all(answer.status >= 400 and answer.document["message"] for answer in answers)
    assert state_of(ours) == before
    logged = [json.loads(line) for line in stack.compose("logs", "--no-log-prefix", "docker-proxy").splitlines()]
    refused = [line["reason"] for line in logged if line["level"] == "WARNING"]
    assert refused[-len(forbidden) :] == list(forbidden.values())


def test_a_second_request_on_a_connection_is_not_answered(stack: Stack, ours: str) -> None:
    before = state_of(ours)
    (answer,) = ask(stack, plain("GET /containers/json") + plain(f"POST /containers/{ours}/restart?t=0"))
    assert answer.status == 200
    assert state_of(ours) == before


@pytest.mark.parametrize("part", ["orders", "edge", "collector"])
def test_no_other_part_reaches_the_proxy(stack: Stack, part: str) -> None:
    mounted = subprocess.run(
        ["docker", "inspect", "--format", "{{json .Mounts}}", f"{stack.project}-{part}-1"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "/run/pharos" not in mounted
    assert "docker.sock" not in mounted
