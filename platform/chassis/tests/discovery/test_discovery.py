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


Found = list[str] | int
"""The addresses of a name, or the error that its look-up ends with."""


class Names:
    """A name service, and replicas that say whether they want requests."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.says: dict[str, bool | None] = {}
        self._found: dict[str, Found] = {}
        self._now = 0.0
        self._discovery = DnsDiscovery(80, clock=lambda: self._now, ask=self._ask)
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", self._getaddrinfo)

    async def seen(self, **found: Found) -> tuple[Instance, ...]:
        """What is known of orders after the next look at these names."""
        self._found = found
        self._now += 10
        self._discovery.instances("orders")
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(others)
        return self._discovery.instances("orders")

    async def addresses(self, **found: Found) -> list[str]:
        return [instance.id.removeprefix("orders@") for instance in await self.seen(**found)]

    async def _ask(self, host: str, _port: int) -> bool | None:
        self.asked.append(host)
        return self.says.get(host, True)

    async def _getaddrinfo(self, name: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        found = self._found.get(name, socket.EAI_NONAME)
        if isinstance(found, int):
            raise socket.gaierror(found, "not resolved")
        return [(2, 1, 6, "", (address, 80)) for address in found]


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


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


async def test_a_name_that_cannot_be_resolved_for_a_while_keeps_its_addresses(names: Names) -> None:
    found = await names.seen(orders=["10.0.0.2", "10.0.0.1"])
    assert found == (
        Instance("orders@10.0.0.1", "http://10.0.0.1:80"),
        Instance("orders@10.0.0.2", "http://10.0.0.2:80"),
    )

    assert await names.seen(orders=socket.EAI_AGAIN) == found
    assert await names.seen() == ()


async def test_who_wants_no_requests_gets_none_while_another_does(names: Names) -> None:
    both = ["10.0.0.1", "10.0.0.2"]
    names.says = {"10.0.0.2": False}
    assert await names.addresses(orders=both) == ["10.0.0.1"]

    names.says = {"10.0.0.1": False, "10.0.0.2": False}
    assert await names.addresses(orders=both) == both


async def test_who_does_not_say_is_left_where_it_was(names: Names) -> None:
    names.says = {"10.0.0.2": None}
    assert await names.addresses(orders=["10.0.0.1", "10.0.0.2"]) == ["10.0.0.1"]

    names.says = {"10.0.0.1": None}
    assert await names.addresses(orders=["10.0.0.1", "10.0.0.2"]) == ["10.0.0.1", "10.0.0.2"]


async def test_who_is_alone_is_not_asked(names: Names) -> None:
    names.says = {"10.0.0.1": False}
    assert await names.addresses(orders=["10.0.0.1"]) == ["10.0.0.1"]
    assert names.asked == []


async def test_releases_on_trial_get_a_tenth_together(names: Names) -> None:
    found = await names.seen(**{"orders": ["10.0.0.1", "10.0.0.2"], "orders-trial": ["10.0.0.8", "10.0.0.9"]})
    weights = {instance.url: instance.weight for instance in found}
    share = weights["http://10.0.0.8:80"] + weights["http://10.0.0.9:80"]
    assert share / sum(weights.values()) == pytest.approx(0.1)
    assert weights["http://10.0.0.1:80"] == 1.0


@pytest.mark.parametrize("trial", [socket.EAI_AGAIN, socket.EAI_NONAME, ["10.0.0.8"]])
async def test_a_release_on_trial_that_is_not_there_or_not_ready_gets_nothing(names: Names, trial: Found) -> None:
    names.says = {"10.0.0.8": False}
    assert await names.addresses(**{"orders": ["10.0.0.1"], "orders-trial": trial}) == ["10.0.0.1"]


def test_the_setting_chooses(path: Path) -> None:
    assert isinstance(open_discovery(f"file:{path}"), FileDiscovery)
    assert isinstance(open_discovery("dns:8000"), DnsDiscovery)
    assert StaticDiscovery({"a": [ONE]}, {"x": {"keys": []}}).static_jwks("x") == {"keys": []}


async def test_services_that_are_excepted_from_dns_are_where_the_setting_says() -> None:
    discovery = open_discovery("dns:8000,orders=proxy:18001,orders=proxy:18002,stock=10.0.0.9:80")
    assert discovery.instances("orders") == (
        Instance("orders@proxy:18001", "http://proxy:18001"),
        Instance("orders@proxy:18002", "http://proxy:18002"),
    )
    assert discovery.instances("stock") == (Instance("stock@10.0.0.9:80", "http://10.0.0.9:80"),)
    assert discovery.instances("payments") == (Instance("payments", "http://payments:8000"),)
    assert discovery.static_jwks("orders") is None


@pytest.mark.parametrize(
    "exception", ["", "orders", "orders=proxy", "=proxy:1", "orders=proxy:0", "orders=proxy:65536"]
)
def test_an_exception_that_is_none_is_refused_with_the_fix(exception: str) -> None:
    with pytest.raises(DiscoveryError, match=r"must be SERVICE=HOST:PORT"):
        open_discovery(f"dns:8000,{exception}")


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
