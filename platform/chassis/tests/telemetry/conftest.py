"""A process's telemetry for the tests of this folder, its log lines kept in memory, and a backend to export to."""

from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web
from log_lines import Lines
from otlp_backend import Backend

from chassis.telemetry import Telemetry, TelemetrySettings, configure
from chassis.telemetry.testing import Captured, capture


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def telemetry(lines: Lines) -> Telemetry:
    """Telemetry without a backend."""
    return configure(TelemetrySettings(service="tests", instance="tests-1", log_level="DEBUG"), write=lines.append)


@pytest.fixture
def captured(telemetry: Telemetry) -> Iterator[Captured]:  # noqa: ARG001 - telemetry must be in force first
    with capture() as found:
        yield found


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    found = Backend()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/{path:.*}", found.receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()
