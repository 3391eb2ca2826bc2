"""A real service behind the edge: it continues the edge's trace, and nobody else's."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from running import MANIFEST, Edge, attributes, free_port, ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
FORGED = "00-11111111111111111111111111111111-2222222222222222-01"


@pytest_asyncio.fixture(loop_scope="module")
async def service(edge: Edge, received: tuple[object, str], tmp_path: Path) -> AsyncIterator[str]:
    manifest = tmp_path / "service.toml"
    manifest.write_text(MANIFEST.format(name="things", routes=[]))
    url = f"http://127.0.0.1:{free_port()}"
    environ = {
        **os.environ,
        "PHAROS_MANIFEST": str(manifest),
        "PHAROS_PORT": url.rpartition(":")[2],
        "PHAROS_DISCOVERY": f"file:{edge.endpoints}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": received[1],
    }
    script = str(Path(__file__).parent / "things.py")
    process = subprocess.Popen([sys.executable, script], env=environ)  # noqa: ASYNC220 - polled, not awaited
    try:
        await ready(process, edge.http, url)
        edge.place("things", url)
        yield url
    finally:
        process.terminate()
        assert await asyncio.to_thread(process.wait, 10) == 0


async def test_the_trace_goes_from_the_edge_into_the_service(edge: Edge, service: str) -> None:
    async with edge.http.get(f"{edge.url}/things/7", headers={"traceparent": FORGED}) as response:
        assert response.status == 200
        assert await response.json() == {"thing_id": "7", "asked_by": "127.0.0.1"}
        assert len(response.headers.getall("X-Trace-ID")) == 1
    server, client, inner = await edge.received.trace(response.headers["X-Trace-ID"], 3)
    assert (client["parentSpanId"], inner["parentSpanId"]) == (server["spanId"], client["spanId"])
    assert {attributes(span)["correlation.id"] for span in (server, client, inner)} == {
        response.headers["X-Correlation-ID"]
    }
    assert inner["name"].startswith("GET /things/{thing_id")
    assert service.endswith(attributes(client)["server.port"])


async def test_who_goes_to_the_service_directly_gets_a_trace_of_its_own(edge: Edge, service: str) -> None:
    headers = {"traceparent": FORGED, "X-Forwarded-For": "1.2.3.4"}
    async with edge.http.get(f"{service}/things/7", headers=headers) as response:
        assert await response.json() == {"thing_id": "7", "asked_by": None}
        assert response.headers["X-Trace-ID"] != "1" * 32
