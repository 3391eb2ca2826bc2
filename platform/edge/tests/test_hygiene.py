"""What an outsider says of trust, urgency or framing reaches no service; operators' pages are not for outsiders."""

import asyncio
from collections.abc import Mapping

import pytest
from running import Edge

from edge.private import is_inside, networks_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
FORGED: Mapping[str, str] = {
    "traceparent": "00-11111111111111111111111111111111-2222222222222222-01",
    "tracestate": "a=b",
    "baggage": "user=root",
    "b3": "1-2-1",
    "X-Forwarded-For": "1.2.3.4",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "for=1.2.3.4",
    "X-Real-IP": "1.2.3.4",
    "X-Request-Timeout-Ms": "59000",
    "X-Service-Token": "forged",
    "X-Original-URL": "/audit",
    "X-HTTP-Method-Override": "DELETE",
    "Proxy-Authorization": "Basic eA==",
    "TE": "trailers",
    "Connection": "close, X-Named",
    "X-Named": "1",
}


async def raw(edge: Edge, head: bytes, body: bytes = b"") -> bytes:
    """The whole answer to a request as it is written here."""
    host, port = edge.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.replace(b"\n", b"\r\n") + b"\r\n" + body)
    async with asyncio.timeout(5):
        answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return answer


async def forwarded(edge: Edge, headers: Mapping[str, str]) -> dict[str, list[str]]:
    """The header fields with which a request reached the service."""
    async with edge.http.get(f"{edge.url}/things", headers=headers) as response:
        assert response.status == 200
        fields: dict[str, list[str]] = {}
        for name, value in (await response.json())["headers"]:
            fields.setdefault(name.lower(), []).append(value)
        return fields


async def test_nothing_forged_reaches_a_service(edge: Edge) -> None:
    fields = await forwarded(edge, FORGED)
    values = {value for several in fields.values() for value in several}
    assert not values & set(FORGED.values())
    assert fields["x-forwarded-for"] == ["127.0.0.1"]
    assert int(fields["x-request-timeout-ms"][0]) <= 2000
    assert all(len(fields[name]) == 1 for name in ("x-service-token", "traceparent", "x-forwarded-for"))
    assert not fields.keys() & {"tracestate", "baggage", "b3", "x-named", "proxy-authorization", "te", "forwarded"}


@pytest.mark.parametrize(
    ("said", "passed"),
    [(None, "user"), ("background", "background"), ("prefetch", "prefetch"), ("user", "user"), ("root", "user")],
)
async def test_a_caller_may_lower_its_priority_and_never_raise_it(edge: Edge, said: str | None, passed: str) -> None:
    fields = await forwarded(edge, {} if said is None else {"X-Request-Priority": said})
    assert fields["x-request-priority"] == [passed]


@pytest.mark.parametrize(
    "head",
    [
        b"GET /things HTTP/1.1\nHost: edge\nHost: other\n",
        b"POST /things HTTP/1.1\nHost: edge\nContent-Length: 2\nContent-Length: 5\n",
        b"POST /things HTTP/1.1\nHost: edge\nTransfer-Encoding: chunked\nTransfer-Encoding: identity\n",
        b"POST /things HTTP/1.1\nHost: edge\nTransfer-Encoding: chunked, identity\n",
        b"POST /things HTTP/1.1\nHost: edge\nContent-Length: +2\n",
        b"GET /things HTTP/1.1\nHost: edge\nX-Spaced : 1\n",
    ],
)
async def test_a_head_that_can_be_read_in_two_ways_is_refused(edge: Edge, head: bytes) -> None:
    answer = await raw(edge, head, b"{}")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert not edge.upstream.requests


@pytest.mark.parametrize("path", ["/metrics", "/schema", "/schema/openapi.json"])
async def test_operators_pages_do_not_exist_for_whom_a_proxy_asks(edge: Edge, path: str) -> None:
    async with edge.http.get(edge.url + path) as response:
        assert response.status == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        async with edge.http.get(edge.url + path, headers={header: "198.51.100.7"}) as response:
            assert response.status == 404
            assert (await response.json(content_type=None))["reason"] == "not-found"


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("172.18.0.9", True),
        ("10.1.2.3", True),
        ("fd00::9", True),
        ("8.8.8.8", False),
        ("2606:4700::1", False),
        ("", False),
        ("unix", False),
    ],
)
async def test_inside_is_this_machine_and_private_networks(address: str, inside: bool) -> None:
    assert is_inside(address) is inside


async def test_the_networks_of_operators_can_be_narrowed() -> None:
    """A proxy nearby that says nothing in a header has an address of its own network, which is left out."""
    inside = networks_of("127.0.0.0/8, fd12::/16")
    assert is_inside("127.0.0.1", inside)
    assert is_inside("fd12::7", inside)
    assert not is_inside("172.18.0.9", inside)
    assert is_inside("::ffff:127.0.0.1", inside)


async def test_json_that_goes_too_deep_ends_at_the_edge(edge: Edge) -> None:
    async with edge.http.post(
        f"{edge.url}/things", data=b"[" * 1000, headers={"Content-Type": "application/json"}
    ) as response:
        assert response.status == 400
        assert (await response.json(content_type=None))["reason"] == "json-too-deep"
    assert not edge.upstream.requests


async def test_a_long_target_ends_at_the_edge(edge: Edge) -> None:
    async with edge.http.get(f"{edge.url}/things?q={'x' * 5000}") as response:
        assert response.status == 414
    assert not edge.upstream.requests
