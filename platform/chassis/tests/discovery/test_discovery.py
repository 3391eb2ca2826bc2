"""Following the file, resolving names, and choosing between them."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from chassis.discovery import (
    DiscoveryError,
    DnsDiscovery,
    Endpoints,
    FileDiscovery,
    Instance,
    KnownKeys,
    StaticDiscovery,
    open_discovery,
    write_endpoints,
)

ONE = Instance("orders-1", "http://127.0.0.1:7721")
TWO = Instance("orders-2", "http://127.0.0.1:7722")


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logger.add(lambda message: lines.append(message.record["message"]), level="WARNING")
    yield lines
    logger.remove(handler)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "endpoints.json"
    write_endpoints(file, Endpoints(version=1, services={"orders": (ONE,)}, jwks={"operator": {"keys": []}}))
    return file


def test_a_replacement_is_seen_by_the_next_look(path: Path) -> None:
    discovery = FileDiscovery(path)
    assert discovery.instances("orders") == (ONE,)
    write_endpoints(path, Endpoints(version=2, services={"orders": (ONE, TWO)}))
    assert discovery.instances("orders") == (ONE, TWO)
    assert discovery.static_jwks("operator") is None


def test_an_unchanged_file_is_not_read_again(path: Path) -> None:
    discovery = FileDiscovery(path)
    assert discovery.instances("orders") is discovery.instances("orders")


def test_unknown_services_have_no_instances(path: Path) -> None:
    assert FileDiscovery(path).instances("nobody") == ()


def test_keys_of_issuers_without_an_address_are_in_the_file(path: Path) -> None:
    assert FileDiscovery(path).static_jwks("operator") == {"keys": []}


def test_the_last_content_outlives_the_file_and_is_reported_once(path: Path, warnings: list[str]) -> None:
    discovery = FileDiscovery(path)
    discovery.instances("orders")
    path.unlink()
    for _ in range(3):
        assert discovery.instances("orders") == (ONE,)
    assert len(warnings) == 1
    assert "staying with version 1" in warnings[0]
    write_endpoints(path, Endpoints(version=2, services={"orders": (TWO,)}))
    assert discovery.instances("orders") == (TWO,)


def test_malformed_content_is_reported_once_and_the_good_one_kept(path: Path, warnings: list[str]) -> None:
    discovery = FileDiscovery(path)
    discovery.instances("orders")
    path.write_text("{")
    for _ in range(3):
        assert discovery.instances("orders") == (ONE,)
    assert len(warnings) == 1


def test_a_file_that_comes_later_is_found(tmp_path: Path, warnings: list[str]) -> None:
    path = tmp_path / "later.json"
    discovery = FileDiscovery(path)
    assert discovery.instances("orders") == ()
    write_endpoints(path, Endpoints(version=1, services={"orders": (ONE,)}))
    assert discovery.instances("orders") == (ONE,)
    assert len(warnings) == 1


async def test_a_name_is_one_instance_until_it_is_resolved() -> None:
    discovery = DnsDiscovery(8080)
    assert discovery.instances("localhost") == (Instance("localhost", "http://localhost:8080"),)
    async with asyncio.timeout(5):
        while discovery.instances("localhost")[0].id == "localhost":  # noqa: ASYNC110 - the look-up runs in the background
            await asyncio.sleep(0.01)
    urls = {instance.url for instance in discovery.instances("localhost")}
    assert urls <= {"http://127.0.0.1:8080", "http://[::1]:8080"}
    assert urls


async def test_every_address_of_a_name_is_an_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    async def two(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("10.0.0.2", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]

    now = 0.0
    discovery = DnsDiscovery(80, clock=lambda: now)
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", two)
    discovery.instances("orders")
    await asyncio.sleep(0)
    found = (Instance("orders@10.0.0.1", "http://10.0.0.1:80"), Instance("orders@10.0.0.2", "http://10.0.0.2:80"))
    assert discovery.instances("orders") == found

    async def gone(*_: object, **__: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", gone)
    now = 6.0
    discovery.instances("orders")
    await asyncio.sleep(0)
    assert discovery.instances("orders") == found


def test_the_setting_chooses(path: Path) -> None:
    assert isinstance(open_discovery(f"file:{path}"), FileDiscovery)
    assert isinstance(open_discovery("dns:8000"), DnsDiscovery)
    assert StaticDiscovery({"a": [ONE]}, {"x": {"keys": []}}).static_jwks("x") == {"keys": []}


def test_keys_that_were_given_go_before_those_that_discovery_holds(path: Path) -> None:
    given = {"keys": [{"kid": "given"}]}
    assert KnownKeys(DnsDiscovery(8000), {"operator": given}).static_jwks("operator") is given
    assert KnownKeys(DnsDiscovery(8000), {"operator": given}).static_jwks("orders") is None
    assert KnownKeys(FileDiscovery(path), {"operator": given}).static_jwks("operator") is given
    assert KnownKeys(FileDiscovery(path), {}).static_jwks("operator") == {"keys": []}
    assert KnownKeys(FileDiscovery(path), {"operator": given}).instances("orders") == (ONE,)


@pytest.mark.parametrize("spec", ["", "file:", "file:relative.json", "dns:", "dns:0", "dns:65536", "dns:x", "http://x"])
def test_any_other_setting_is_refused_with_the_fix(spec: str) -> None:
    with pytest.raises(DiscoveryError, match=r"file:/absolute.*dns:PORT"):
        open_discovery(spec)
