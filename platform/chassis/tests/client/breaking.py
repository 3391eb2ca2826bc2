"""Helpers of the circuit breaker's tests."""

import asyncio
import time

from aiohttp import web
from prometheus_client import REGISTRY
from replicas import Handler, Replica

from chassis.client import CircuitOpen, ServiceClient
from chassis.errors import PharosError


class Clock:
    """The monotonic clock, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


def answering(status: int, **headers: str) -> Handler:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({}, status=status, headers={name.replace("_", "-"): headers[name] for name in headers})

    return answer


async def hang(_: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def get(client: ServiceClient) -> PharosError | None:
    """One call; how it failed, if it did."""
    try:
        await client.request("things", "GET", "/things", operation="list_things")
    except PharosError as error:
        return error
    return None


async def post(client: ServiceClient) -> PharosError | None:
    """One call that is not repeated; how it failed, if it did."""
    try:
        await client.request("things", "POST", "/things", operation="make_thing")
    except PharosError as error:
        return error
    return None


async def until_refused(client: ServiceClient) -> int:
    """Call until the circuit breaker refuses; how many calls were made before that."""
    made = 0
    while not isinstance(await post(client), CircuitOpen):
        made += 1
        assert made <= 100
    return made


def state_of(replica: Replica) -> float | None:
    """What the metric says of the replica's circuit breaker."""
    labels = {"service_peer_name": "things", "server_address": replica.url.removeprefix("http://")}
    return REGISTRY.get_sample_value("circuit_breaker_state", labels)


def count(name: str, **labels: str) -> float:
    """The value of a counter about calling `things`."""
    return REGISTRY.get_sample_value(name, {"service_peer_name": "things", **labels}) or 0.0
