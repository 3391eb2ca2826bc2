"""The client through which a service calls the others."""

import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Self, TypeVar, Unpack, overload

from chassis.client.call import Call, CallOptions, prepare
from chassis.client.errors import InvalidUpstreamReply
from chassis.client.exchange import Exchange
from chassis.client.reply import decode, problem
from chassis.client.sender import Sender, TokenFor
from chassis.discovery.model import Discovery
from chassis.resilience.calls import CallConfig, ClientConfig

T = TypeVar("T")


class ServiceClient:
    """Calls other services by name. One for a process; used within one event loop and closed with it.

    Args:
        discovery: where the services are.
        token_for: gives the caller's service token for an audience; without it the calls carry none.
        config: the figures, where they are not the defaults.
        overrides: the figures of calls to single services, where they differ from those.
        uniform: random numbers in [0, 1), for balancing and jitter.
        clock: seconds that only grow; deadlines, budgets and circuit breakers go by it.
    """

    def __init__(
        self,
        discovery: Discovery,
        *,
        token_for: TokenFor | None = None,
        config: ClientConfig | None = None,
        overrides: Mapping[str, CallConfig] | None = None,
        uniform: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sender = Sender(
            discovery, token_for, config or ClientConfig(), overrides or {}, uniform=uniform, clock=clock
        )

    def keep_within(self, places: Callable[[], float]) -> None:
        """Let no dependency hold more than its share of the requests that this process lets in at once.

        Args:
            places: how many those are now.
        """
        self._sender.places = places

    async def __aenter__(self) -> Self:
        """Usable in an ``async with`` block, which closes it."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        await self._sender.close()

    @overload
    async def request(
        self, service: str, method: str, path: str, *, operation: str, response: type[T], **options: Unpack[CallOptions]
    ) -> T: ...

    @overload
    async def request(
        self, service: str, method: str, path: str, *, operation: str, **options: Unpack[CallOptions]
    ) -> None: ...

    async def request(
        self,
        service: str,
        method: str,
        path: str,
        *,
        operation: str,
        response: type[T] | None = None,
        **options: Unpack[CallOptions],
    ) -> T | None:
        """Call an operation of another service and decode its reply.

        Args:
            service: its name.
            method: upper case.
            path: a template such as ``/customers/{customer_id}``; it names the span, so no identifier belongs in it.
            operation: the callee's operation_id, for messages.
            response: what a successful reply holds; without it the reply's body is ignored.
            **options: see ``CallOptions``.

        Raises:
            UpstreamProblem: the callee answered 4xx or 5xx.
            Unavailable: no instance is known, none could be reached, or the call was not sent (``NotSent``).
            DeadlineExceeded: there was no time for a reply, or too little to begin.
            InvalidUpstreamReply: the reply is too large or is not a ``response``.
            UpstreamFailed: any other failure after the request was sent.
        """
        figures = self._sender.figures(service)
        call = prepare(figures, options, service=service, method=method, template=path, operation=operation)
        async with self.forward(call) as exchange:
            body = await exchange.read(figures.reply_limit)
            if exchange.status >= 400:
                raise problem(service, exchange.status, body)
            if response is None:
                return None
            if body is None:
                raise InvalidUpstreamReply(service, operation, f"the reply is over {figures.reply_limit} bytes")
            return decode(service, operation, body, response)

    @asynccontextmanager
    async def forward(self, call: Call) -> AsyncIterator[Exchange]:
        """Make a prepared call and hold the final reply open for the block, whatever its status.

        Raises:
            Unavailable: no instance is known, none could be reached, or the call was not sent (``NotSent``).
            UpstreamFailed: the connection broke, or what came back is not HTTP.
            DeadlineExceeded: there was no time for a reply, or too little to begin.
        """
        exchange = await self._sender.send(call)
        try:
            yield exchange
        finally:
            exchange.close()
