"""A process, its database and its broker: none of them has to be there first."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar, post
from litestar.testing import AsyncTestClient

from chassis.environment import Secret
from chassis.errors import ConfigurationError
from chassis.health import HealthChecks
from chassis.manifest import parse_manifest
from chassis.messaging import Event, consumer, publish
from chassis.persistence import DatabaseSettings, transaction
from chassis.plugin import ChassisPlugin
from chassis.server import innermost
from chassis.settings import ChassisSettings
from chassis.stores import open_stores
from testkit.servers import NatsServer, postgres_server

EVENT = "probe.thing.sold.v1"
Client = AsyncTestClient[Litestar]


class Sold(msgspec.Struct):
    """What was sold."""

    thing: str


def settings_for(database: DatabaseSettings, nats_url: str | None, **events: Any) -> ChassisSettings:
    document = {
        "name": "probe",
        "description": "x",
        "owner": "o",
        "pager": "p",
        "tier": 1,
        "events": events or {"publishes": [EVENT], "consumes": [EVENT]},
    }
    return ChassisSettings(
        manifest=parse_manifest(document),
        database_url=f"postgresql://{database.user}@{database.host}:{database.port}/{database.database}",
        database_password=database.password,
        nats_url=nats_url,
        log_level="CRITICAL",
    )


@post("/things", auth="public", operation_id="sell")
async def sell() -> dict[str, str]:
    """Sell one."""
    async with transaction():
        return {"event": await publish(EVENT, Sold("lamp"), subject="lamp-1")}


@asynccontextmanager
async def running(settings: ChassisSettings, arrived: list[str]) -> AsyncIterator[Client]:
    @consumer(EVENT, data=Sold)
    async def on_sold(event: Event[Sold]) -> None:
        arrived.append(event.data.thing)

    app = Litestar([sell], plugins=[ChassisPlugin(settings, consumers=[on_sold])])
    async with AsyncTestClient(app) as client:
        yield client


async def health(client: Client, wanted: int, seconds: float = 15) -> dict[str, Any]:
    """The readiness document once it has the wanted status."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while (answer := await client.get("/health/ready")).status_code != wanted:
        assert loop.time() < deadline, answer.text
        await asyncio.sleep(0.05)
    found: dict[str, Any] = answer.json()
    return found


async def test_what_is_published_arrives(database_settings: DatabaseSettings, nats: NatsServer) -> None:
    arrived: list[str] = []
    async with running(settings_for(database_settings, nats.url), arrived) as client:
        report = await health(client, 200)
        assert (await client.post("/things")).status_code == 201
        for _ in range(200):
            if arrived:
                break
            await asyncio.sleep(0.05)

    assert set(report["checks"]) == {"database", "broker"}
    assert arrived == ["lamp"]


async def test_a_request_that_never_ends_does_not_hold_up_the_end(database_settings: DatabaseSettings) -> None:
    async def hold(entered: asyncio.Event) -> None:
        async with transaction():
            entered.set()
            await asyncio.Event().wait()

    settings = settings_for(database_settings, None, publishes=[])
    async with AsyncExitStack() as stack:
        await open_stores(stack, settings, [], HealthChecks([]))
        entered = asyncio.Event()
        holding = asyncio.create_task(hold(entered))
        await entered.wait()
        began = time.monotonic()
    assert time.monotonic() - began < 2
    holding.cancel()
    await asyncio.wait([holding])


async def test_readiness_names_the_broker_while_it_is_away(
    database_settings: DatabaseSettings, own_nats: NatsServer
) -> None:
    async with running(settings_for(database_settings, own_nats.url), []) as client:
        await health(client, 200)

        own_nats.kill()
        report = await health(client, 503)
        assert report["checks"]["broker"]["status"] == "failing"
        assert report["checks"]["database"]["status"] == "ok"

        assert (await client.post("/things")).status_code == 201
        own_nats.start()
        await health(client, 200)


async def test_a_process_starts_before_its_broker(database_settings: DatabaseSettings, own_nats: NatsServer) -> None:
    own_nats.kill()
    async with running(settings_for(database_settings, own_nats.url), []) as client:
        await health(client, 503)
        assert (await client.get("/health/startup")).status_code == 200

        own_nats.start()
        await health(client, 200)


async def test_a_process_starts_before_its_database(tmp_path: Path) -> None:
    with postgres_server(tmp_path) as server:
        database = DatabaseSettings.from_url(server.url(), Secret(server.password), service="probe")
        server.kill()
        async with running_alone(settings_for(database, None)) as client:
            report = await health(client, 503)
            assert report["checks"]["database"]["status"] == "failing"
            answer = await client.post("/things")
            assert (answer.status_code, answer.json()["reason"]) == (503, "database-unavailable")
            assert answer.headers["retry-after"] == "1"

            server.start()
            await health(client, 200)


@asynccontextmanager
async def running_alone(settings: ChassisSettings) -> AsyncIterator[Client]:
    """Without events."""
    manifest = msgspec.structs.replace(settings.manifest, events=type(settings.manifest.events)())
    plugin = ChassisPlugin(replace(settings, manifest=manifest))
    async with AsyncTestClient(Litestar([sell], plugins=[plugin])) as client:
        yield client


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ({"publishes": [EVENT]}, f"lacks '{EVENT}', which the code handles; add it"),
        ({"consumes": [EVENT, "shop.thing.lost.v1"]}, "has 'shop.thing.lost.v1', which no consumer handles"),
    ],
)
async def test_code_and_manifest_must_agree_on_what_is_consumed(
    database_settings: DatabaseSettings, events: dict[str, Any], words: str
) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with running(settings_for(database_settings, "nats://127.0.0.1:1", **events), []):
            pass

    error = innermost(caught.value)
    assert isinstance(error, ConfigurationError)
    assert words in str(error)
