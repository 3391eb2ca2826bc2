"""The layer around a service's routes in which requests meet their faults."""

import asyncio
import random
from collections.abc import Callable, MutableMapping
from typing import Any

import msgspec

from chaos.seam.switch import HttpFault, Switch, chosen
from chassis.http.asgi import App, Receive, Scope, Send


class FaultLayer:
    """An ASGI application around another one; what the switch says is done to its requests."""

    def __init__(self, app: App, switch: Switch, draw: Callable[[], float] = random.random) -> None:
        self._app = app
        self._switch = switch
        self._draw = draw

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or not as it should be."""
        faults = self._switch.http
        fault = chosen(faults, scope["path"], self._draw()) if faults and scope["type"] == "http" else None
        match fault:
            case None:
                await self._app(scope, receive, send)
            case HttpFault(kind="error"):
                await _answer(send, fault.status)
            case HttpFault(kind="latency"):
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case HttpFault(kind="corrupt"):
                await self._app(scope, receive, _corrupting(send))


async def _answer(send: Send, status: int) -> None:
    problem = {"type": "about:blank", "title": "A fault made on purpose", "status": status, "reason": "chaos"}
    body = msgspec.json.encode(problem)
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _corrupting(send: Send) -> Send:
    """Sends bodies of the right length whose bytes are turned over."""

    async def corrupt(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": bytes(byte ^ 0xFF for byte in message.get("body", b""))}
        await send(message)

    return corrupt
