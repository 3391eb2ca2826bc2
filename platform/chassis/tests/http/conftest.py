"""The small service, in this process."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from litestar import Litestar
from litestar.testing import AsyncTestClient
from shop import Dependency, fail, fill_basket, get_basket

from chassis.health import Check
from chassis.manifest import parse_manifest
from chassis.plugin import ChassisPlugin
from chassis.settings import ChassisSettings


@pytest.fixture
def dependency() -> Dependency:
    return Dependency()


@pytest.fixture
def settings() -> ChassisSettings:
    manifest = parse_manifest(
        {
            "name": "shop",
            "description": "Sells things",
            "owner": "team-shop",
            "pager": "shop@pharos.example",
            "tier": 1,
            "database": False,
        }
    )
    return ChassisSettings(manifest=manifest, version="1.2.3", max_body_bytes=1024, log_level="CRITICAL")


@pytest.fixture
def plugin(settings: ChassisSettings, dependency: Dependency) -> ChassisPlugin:
    return ChassisPlugin(settings, readiness=[Check("till", dependency.ping, timeout=0.2, ttl=0.5)])


@pytest_asyncio.fixture
async def client(plugin: ChassisPlugin) -> AsyncIterator[AsyncTestClient[Litestar]]:
    app = Litestar([fill_basket, get_basket, fail], plugins=[plugin])
    async with AsyncTestClient(app) as opened:
        yield opened
