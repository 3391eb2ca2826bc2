"""An OTLP/HTTP backend for tests."""

import asyncio
import gzip
import json
from collections import defaultdict
from typing import Any

from aiohttp import web


class Backend:
    """An OTLP/HTTP backend that answers as told, then with success."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[tuple[int, dict[str, str], str]] = []
        self.requests: list[tuple[str, Any]] = []
        self.times: defaultdict[str, list[float]] = defaultdict(list)
        self.delay = 0.0

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        await asyncio.sleep(self.delay)
        self.requests.append((request.path, json.loads(body)))
        self.times[request.path].append(asyncio.get_running_loop().time())
        status, headers, text = self.answers.pop(0) if self.answers else (200, {}, "{}")
        return web.Response(status=status, headers=headers, text=text, content_type="application/json")

    def spans(self) -> list[dict[str, Any]]:
        return [
            span
            for path, body in self.requests
            if path == "/v1/traces"
            for resource in body["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]
