"""Real replicas to call, and the spans of calling them."""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import pytest
import pytest_asyncio
from aiohttp import web
from replicas import Connect, Handler, Replica, Start

from chassis.client import CallConfig, ClientConfig, ServiceClient
from chassis.discovery import Instance, StaticDiscovery
from chassis.telemetry.names import REGISTRY
from chassis.telemetry.testing import CapturedSpan, capture, unknown_names


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Start]:
    """Starts replicas that live as long as the test."""
    runners: list[web.ServerRunner] = []

    async def begin(handler: Handler) -> Replica:
        replica = Replica(handler)
        runner = web.ServerRunner(web.Server(replica.answer, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        replica.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        runners.append(runner)
        return replica

    yield begin
    for runner in runners:
        await runner.cleanup()


@pytest_asyncio.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes clients of one service, `things`, at the given addresses."""
    clients: list[ServiceClient] = []

    def make(
        *urls: str,
        config: ClientConfig | None = None,
        overrides: Mapping[str, CallConfig] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> ServiceClient:
        instances = [Instance(f"things-{n}", url) for n, url in enumerate(urls, 1)]
        client = ServiceClient(
            StaticDiscovery({"things": instances}),
            token_for=lambda audience: f"token-for-{audience}",
            config=config,
            overrides=overrides,
            clock=clock,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
def spans() -> Iterator[list[CapturedSpan]]:
    """The spans that ended during the test; their names are in the registry."""
    with capture() as captured:
        yield captured.spans
    assert set(unknown_names(captured, REGISTRY)) <= {"span internal 'work'"}
