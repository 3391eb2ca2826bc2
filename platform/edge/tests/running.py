"""What the edge's tests run it with: a service behind it and a receiver of its telemetry."""

import asyncio
import socket
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import ClientSession, web

from chassis.discovery import Endpoints, Instance, write_endpoints

MANIFEST = """
name = "{name}"
description = "Test service {name}"
owner = "team"
pager = "team@pharos.example"
tier = 1
database = false
[edge]
routes = {routes}
"""
ROUTES = ["GET /things", "POST /things", "GET /things/{thing_id}", "GET /things/mine", "PUT /things/{thing_id}"]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def echo(request: web.Request) -> web.StreamResponse:
    """Says what arrived."""
    return web.json_response(
        {
            "method": request.method,
            "target": request.raw_path,
            "headers": [[name.decode(), value.decode()] for name, value in request.raw_headers],
            "body": (await request.read()).decode("latin-1"),
        },
        headers={
            "X-Correlation-ID": "of-the-service",
            "X-Own": "kept",
            "Connection": "close, X-Private",
            "X-Private": "1",
        },
    )


class Upstream:
    """A service that answers as a test wants and keeps what it was sent."""

    def __init__(self) -> None:
        self.handler: Handler = echo
        self.requests: list[web.BaseRequest] = []
        self.port = 0
        self._runner: web.ServerRunner | None = None

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        return await self.handler(request)  # type: ignore[arg-type]

    async def start(self) -> None:
        self._runner = web.ServerRunner(web.Server(self.answer), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


class Received:
    """OTLP/HTTP JSON that reached the receiver."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []
        self.logs: list[dict[str, Any]] = []
        self.arrived = asyncio.Condition()

    async def take(self, request: web.Request) -> web.Response:
        document = msgspec.json.decode(await request.read())
        for resource in document.get("resourceSpans", ()):
            self.spans += [span for scope in resource["scopeSpans"] for span in scope["spans"]]
        for resource in document.get("resourceLogs", ()):
            self.logs += [record for scope in resource["scopeLogs"] for record in scope["logRecords"]]
        async with self.arrived:
            self.arrived.notify_all()
        return web.json_response({})

    async def trace(self, trace_id: str, spans: int) -> list[dict[str, Any]]:
        """The spans of one trace, once there are that many; ordered by start."""

        def found() -> list[dict[str, Any]]:
            return [span for span in self.spans if span["traceId"] == trace_id]

        async with asyncio.timeout(10), self.arrived:
            await self.arrived.wait_for(lambda: len(found()) >= spans)
        return sorted(found(), key=lambda span: int(span["startTimeUnixNano"]))


def attributes(item: dict[str, Any]) -> dict[str, str]:
    """A span's attributes as text."""
    return {pair["key"]: str(next(iter(pair["value"].values()))) for pair in item["attributes"]}


class Edge:
    """The running process and a client that sends to it."""

    def __init__(
        self, url: str, session: ClientSession, received: Received, endpoints: Path, upstream: Upstream
    ) -> None:
        self.url = url
        self.http = session
        self.received = received
        self.upstream = upstream
        self.endpoints = endpoints
        self._version = 1

    def place(self, service: str, *urls: str) -> None:
        """Tell discovery where a service is; the edge itself is always known, for its keys."""
        self._version += 1
        instances = tuple(Instance(f"{service}-{n}", url) for n, url in enumerate(urls, 1))
        known = {service: instances, "edge": (Instance("edge-1", self.url),)}
        write_endpoints(self.endpoints, Endpoints(version=self._version, services=known))


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def ready(process: "subprocess.Popen[bytes]", session: ClientSession, url: str) -> None:
    async with asyncio.timeout(20):
        while True:
            assert process.poll() is None, "the edge ended"
            try:
                async with session.get(f"{url}/health/ready") as response:
                    if response.status == 200:
                        return
            except OSError:
                pass
            await asyncio.sleep(0.05)
