"""What a request leaves behind in memory: nothing."""

import gc
import sys
from typing import Any

from chassis.telemetry.asgi import Scope, TelemetryMiddleware


async def respond(_scope: Scope, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def ignore(_message: Any = None) -> Any:
    return {}


async def test_requests_leave_nothing_for_the_garbage_collector() -> None:
    app = TelemetryMiddleware(respond)
    gc.collect()
    for _ in range(50):
        await app({"type": "http", "method": "GET", "path": "/x", "headers": []}, ignore, ignore)
    assert gc.collect() < 50


async def test_what_a_stranger_calls_a_method_is_not_kept() -> None:
    method = "BREW" * 2_000
    await TelemetryMiddleware(respond)({"type": "http", "method": method, "path": "/x", "headers": []}, ignore, ignore)
    assert sys.getrefcount(method) == 2
