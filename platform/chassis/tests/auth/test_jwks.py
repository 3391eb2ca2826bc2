"""Getting the keys of issuers: few fetches, no stall, no outage made worse."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from chassis.auth.fetch import KeySetUnavailable, fetch_from
from chassis.auth.jwks import IssuerUnavailable, JwksCache
from chassis.auth.keys import SigningKey, generate, key_set
from chassis.discovery import Instance, StaticDiscovery
from chassis.environment import Secret


def published(*kids: str) -> dict[str, Any]:
    return key_set(*(SigningKey.parse(Secret(json.dumps(generate(kid)))) for kid in kids))


class Issuer:
    """An issuer whose answer a test controls."""

    def __init__(self, *kids: str) -> None:
        self.keys = published(*kids)
        self.failure: Exception | None = None
        self.fetches = 0
        self.hold = asyncio.Event()
        self.hold.set()

    async def fetch(self, name: str) -> dict[str, Any]:
        assert name == "shop"
        self.fetches += 1
        await self.hold.wait()
        if self.failure:
            raise self.failure
        return self.keys


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def settled() -> None:
    """Let a refresh that was begun come to its end."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_keys_are_fetched_once_and_used_for_ten_minutes(clock: Clock) -> None:
    issuer = Issuer("a")
    cache = JwksCache(issuer.fetch, clock=clock)

    for _ in range(3):
        assert await cache.key("shop", "a") is not None
    clock.now += 599
    await cache.key("shop", "a")

    assert issuer.fetches == 1


async def test_one_fetch_serves_all_who_wait(clock: Clock) -> None:
    issuer = Issuer("a")
    issuer.hold.clear()
    cache = JwksCache(issuer.fetch, clock=clock)
    waiting = [asyncio.create_task(cache.key("shop", "a")) for _ in range(50)]
    await settled()

    issuer.hold.set()

    assert all(await asyncio.gather(*waiting))
    assert issuer.fetches == 1


async def test_who_gives_up_waiting_does_not_stop_the_fetch(clock: Clock) -> None:
    issuer = Issuer("a")
    issuer.hold.clear()
    cache = JwksCache(issuer.fetch, clock=clock)
    impatient = asyncio.create_task(cache.key("shop", "a"))
    patient = asyncio.create_task(cache.key("shop", "a"))
    await settled()

    impatient.cancel()
    issuer.hold.set()

    assert await patient is not None


async def test_ten_thousand_unknown_key_ids_cost_one_fetch_in_thirty_seconds(clock: Clock) -> None:
    issuer = Issuer("a")
    cache = JwksCache(issuer.fetch, clock=clock)
    await cache.key("shop", "a")

    for number in range(10_000):
        assert await cache.key("shop", f"forged-{number}") is None
    assert issuer.fetches == 1
    clock.now += 31
    for number in range(10_000):
        assert await cache.key("shop", f"forged-{number}") is None
    assert issuer.fetches == 2


async def test_who_asks_for_a_known_key_does_not_wait_for_a_search(clock: Clock) -> None:
    issuer = Issuer("a")
    cache = JwksCache(issuer.fetch, clock=clock)
    await cache.key("shop", "a")
    clock.now += 31
    issuer.hold.clear()
    forged = asyncio.create_task(cache.key("shop", "forged"))
    await settled()

    assert await asyncio.wait_for(cache.key("shop", "a"), 1) is not None
    assert not forged.done()
    issuer.hold.set()
    assert await forged is None


async def test_a_new_key_is_found_by_the_first_token_signed_with_it(clock: Clock) -> None:
    issuer = Issuer("a")
    cache = JwksCache(issuer.fetch, clock=clock)
    await cache.key("shop", "a")
    issuer.keys = published("a", "b")
    clock.now += 30

    assert await cache.key("shop", "b") is not None


async def test_old_keys_stay_good_while_the_issuer_is_away(clock: Clock) -> None:
    issuer = Issuer("a")
    cache = JwksCache(issuer.fetch, clock=clock)
    await cache.key("shop", "a")
    issuer.failure = OSError("away")
    clock.now += 5000

    assert await cache.key("shop", "a") is not None
    await settled()
    assert await cache.key("shop", "a") is not None


async def test_a_key_no_longer_published_is_refused_after_the_next_fetch(clock: Clock) -> None:
    issuer = Issuer("a")
    cache = JwksCache(issuer.fetch, clock=clock)
    await cache.key("shop", "a")
    issuer.keys = published("b")
    clock.now += 601

    await cache.key("shop", "a")
    await settled()

    assert await cache.key("shop", "a") is None
    assert issuer.fetches == 2


async def test_an_issuer_never_reached_is_unavailable_and_not_hammered(clock: Clock) -> None:
    issuer = Issuer("a")
    issuer.failure = OSError("away")
    cache = JwksCache(issuer.fetch, clock=clock)

    for _ in range(20):
        with pytest.raises(IssuerUnavailable):
            await cache.key("shop", "a")
    assert issuer.fetches == 1
    issuer.failure = None
    clock.now += 1.1
    assert await cache.key("shop", "a") is not None


PATH = "/.well-known/service-jwks.json"


class Replica:
    """A real HTTP server that publishes what a test puts into it."""

    def __init__(self) -> None:
        self.url = ""
        self.answer = web.json_response(published("a"))

    async def serve(self, _: web.Request) -> web.Response:
        return self.answer


@pytest_asyncio.fixture
async def replica() -> AsyncIterator[Replica]:
    replica = Replica()
    app = web.Application()
    app.router.add_get(PATH, replica.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    replica.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield replica
    await runner.cleanup()


async def test_keys_are_fetched_from_a_replica(replica: Replica) -> None:
    fetch = fetch_from(StaticDiscovery({"shop": [Instance("shop-1", replica.url)]}), PATH)

    assert [key["kid"] for key in (await fetch("shop"))["keys"]] == ["a"]


async def test_a_dead_replica_is_passed_over(replica: Replica) -> None:
    replicas = [Instance("dead", "http://127.0.0.1:1"), Instance("live", replica.url)]
    fetch = fetch_from(StaticDiscovery({"shop": replicas}), PATH)

    assert (await fetch("shop"))["keys"]


async def test_a_key_set_that_discovery_holds_needs_no_replica() -> None:
    keys = published("operator-1")

    assert await fetch_from(StaticDiscovery({}, {"operator": keys}), PATH)("operator") is keys


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(text="not json"),
        lambda: web.Response(text="[1]"),
        lambda: web.Response(body=b"x" * 100_000),
        lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
    ],
)
async def test_an_answer_that_is_no_key_set_is_a_failure(replica: Replica, answer: Any) -> None:
    replica.answer = answer()
    fetch = fetch_from(StaticDiscovery({"shop": [Instance("shop-1", replica.url)]}), PATH)

    with pytest.raises(KeySetUnavailable, match="shop-1"):
        await fetch("shop")


async def test_a_service_without_replicas_is_a_failure() -> None:
    with pytest.raises(KeySetUnavailable, match="knows no replica"):
        await fetch_from(StaticDiscovery({}), PATH)("shop")
