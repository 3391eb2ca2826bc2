"""A running edge: the real process, with an upstream and a telemetry receiver that this test process plays."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from joserfc.jwk import OKPKey
from running import MANIFEST, ROUTES, Edge, Received, Upstream, echo, free_port, ready


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def received() -> AsyncIterator[tuple[Received, str]]:
    receiver = Received()
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/{signal}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield receiver, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory, received: tuple[Received, str]) -> AsyncIterator[Edge]:
    folder = tmp_path_factory.mktemp("edge")
    (folder / "services" / "things").mkdir(parents=True)
    (folder / "services" / "things" / "service.toml").write_text(MANIFEST.format(name="things", routes=ROUTES))
    (folder / "service.toml").write_text(MANIFEST.format(name="edge", routes=[]))
    (folder / "key.jwk").write_text(
        msgspec.json.encode(OKPKey.generate_key("Ed25519", {"kid": "k"}).as_dict(True)).decode()
    )
    port = free_port()
    upstream = Upstream()
    await upstream.start()
    environ = {
        **os.environ,
        "PHAROS_MANIFEST": str(folder / "service.toml"),
        "PHAROS_MANIFESTS": str(folder / "services"),
        "PHAROS_PORT": str(port),
        "PHAROS_DISCOVERY": f"file:{folder}/endpoints.json",
        "PHAROS_SIGNING_KEY_FILE": str(folder / "key.jwk"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": received[1],
        "EDGE_TIMEOUT": "2",
    }
    async with ClientSession(auto_decompress=False) as session:
        edge = Edge(f"http://127.0.0.1:{port}", session, received[0], folder / "endpoints.json", upstream)
        process = subprocess.Popen([sys.executable, "-m", "edge"], env=environ)  # noqa: ASYNC220 - polled, not awaited
        try:
            await ready(process, session, edge.url)
            yield edge
        finally:
            process.terminate()
            assert await asyncio.to_thread(process.wait, 10) == 0
            await upstream.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def edge(running: Edge) -> Edge:
    """The running edge with one healthy upstream."""
    running.upstream.handler = echo
    running.upstream.requests.clear()
    running.place("things", f"http://127.0.0.1:{running.upstream.port}")
    return running
