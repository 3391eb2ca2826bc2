"""The client through which a service calls the others."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar, overload

import msgspec
from aiohttp import ClientSession, DummyCookieJar, TCPConnector

from chassis.client.call import Call, Header, fill
from chassis.client.config import ClientConfig
from chassis.client.errors import InvalidUpstreamReply, Unreachable
from chassis.client.exchange import Exchange
from chassis.client.failures import AttemptFailed
from chassis.client.peer import Peer
from chassis.client.reply import decode, problem
from chassis.correlation import CORRELATION_HEADER, correlation_id
from chassis.discovery.model import Discovery
from chassis.errors import DeadlineExceeded
from chassis.resilience.deadline import Deadline, call_deadline, current_deadline
from chassis.resilience.retry import RETRYABLE_STATUSES, Outcome, is_repeatable, parse_retry_after

T = TypeVar("T")
TokenFor = Callable[[str], str]
"""The caller's service token for an audience."""

SERVICE_TOKEN_HEADER = "X-Service-Token"  # noqa: S105 - a header's name
IDEMPOTENCY_HEADER = "Idempotency-Key"
_AUTOMATIC = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


class ServiceClient:
    """Calls other services by name. One for a process; used within one event loop and closed with it."""

    def __init__(
        self,
        discovery: Discovery,
        *,
        token_for: TokenFor | None = None,
        config: ClientConfig | None = None,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        self._discovery = discovery
        self._token_for = token_for
        self._config = config or ClientConfig()
        self._uniform = uniform
        self._peers: dict[str, Peer] = {}
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Usable in an ``async with`` block, which closes it."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @overload
    async def request(
        self, service: str, method: str, path: str, *, operation: str, response: type[T],
        path_params: Mapping[str, object] = ..., query: Mapping[str, object] = ..., json: Any = ...,
        headers: Mapping[str, str] = ..., idempotency_key: str | None = ..., timeout: float | None = ...,
        attempt_timeout: float | None = ...,
    ) -> T: ...  # fmt: skip

    @overload
    async def request(
        self, service: str, method: str, path: str, *, operation: str, response: None = None,
        path_params: Mapping[str, object] = ..., query: Mapping[str, object] = ..., json: Any = ...,
        headers: Mapping[str, str] = ..., idempotency_key: str | None = ..., timeout: float | None = ...,
        attempt_timeout: float | None = ...,
    ) -> None: ...  # fmt: skip

    async def request(
        self,
        service: str,
        method: str,
        path: str,
        *,
        operation: str,
        response: type[T] | None = None,
        path_params: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - it also travels to the callee
        attempt_timeout: float | None = None,
    ) -> T | None:
        """Call an operation of another service and decode its reply.

        Args:
            service: its name.
            method: upper case.
            path: a template such as ``/customers/{customer_id}``; it names the span, so no identifier belongs in it.
            operation: the callee's operation_id, for metrics and messages.
            response: what a successful reply holds; without it the reply's body is ignored.
            path_params: values for the template.
            query: query parameters; a value of none is left out.
            json: the body, anything msgspec encodes.
            headers: further headers.
            idempotency_key: makes a POST or PATCH repeatable.
            timeout: seconds for all attempts; never more than 90 % of what the current deadline leaves.
            attempt_timeout: seconds for one attempt of a repeatable call.

        Raises:
            UpstreamProblem: the callee answered 4xx or 5xx.
            Unavailable: no instance is known, or none could be reached.
            DeadlineExceeded: there was no time for a reply, or too little to begin.
            InvalidUpstreamReply: the reply is too large or is not a ``response``.
        """
        sent = [(name, value) for name, value in (headers or {}).items()]
        sent.append(("Accept", "application/json"))
        if idempotency_key is not None:
            sent.append((IDEMPOTENCY_HEADER, idempotency_key))
        if json is not None:
            sent.append(("Content-Type", "application/json"))
        call = Call(
            service=service,
            operation=operation,
            method=method,
            template=path,
            target=fill(path, path_params or {}, query or {}),
            headers=tuple(sent),
            body=None if json is None else msgspec.json.encode(json),
            repeatable=is_repeatable(method, has_idempotency_key=idempotency_key is not None),
            timeout=self._config.call_timeout if timeout is None else timeout,
            attempt_timeout=self._config.attempt_timeout if attempt_timeout is None else attempt_timeout,
        )
        async with self.exchange(call) as exchange:
            try:
                body = await exchange.read(self._config.reply_limit)
            except AttemptFailed as failed:
                raise self._error(call, failed.outcome, attempts=1) from failed
            if exchange.status >= 400:
                raise problem(service, exchange.status, body)
            if response is None:
                return None
            if body is None:
                raise InvalidUpstreamReply(service, operation, f"reply is over {self._config.reply_limit} bytes")
            return decode(service, operation, body, response)

    @asynccontextmanager
    async def exchange(self, call: Call) -> AsyncIterator[Exchange]:
        """Make the call, repeating it as the policy allows, and hold the last reply open for the block.

        Raises:
            Unavailable: no instance is known, or none could be reached.
            DeadlineExceeded: there was no time for a reply, or too little to begin.
            InvalidUpstreamReply: what came back is not HTTP.
        """
        exchange = await self._send_until_final(call)
        try:
            yield exchange
        finally:
            exchange.close()

    async def _send_until_final(self, call: Call) -> Exchange:
        peer = self._peers.get(call.service) or self._peers.setdefault(
            call.service, Peer(call.service, self._discovery)
        )
        deadline = call_deadline(call.timeout, time.monotonic(), current_deadline())
        peer.budget.deposit(time.monotonic())
        tried: list[str] = []
        while True:
            exchange, failure = await self._attempt(call, peer, deadline, tried)
            wait = self._wait(call, peer, deadline, exchange, failure, attempts=len(tried))
            if wait is None:
                if exchange is not None:
                    return exchange
                raise self._error(call, failure or Outcome.NOT_CONNECTED, len(tried))
            if exchange is not None:
                exchange.close()
            await asyncio.sleep(wait)

    async def _attempt(
        self, call: Call, peer: Peer, deadline: Deadline, tried: list[str]
    ) -> tuple[Exchange | None, Outcome | None]:
        now = time.monotonic()
        if not deadline.allows_call(now):
            raise DeadlineExceeded(f"too little time left to call {call.service}")
        if call.repeatable:
            deadline = Deadline(min(deadline.at, now + call.attempt_timeout))
        exchange = Exchange(call, peer, peer.begin(now, self._uniform, tried=tried), len(tried) + 1)
        tried.append(exchange.instance.url)
        try:
            await exchange.send(self._open_session(), deadline, self._config.connect_timeout, self._identity(call))
        except AttemptFailed as failed:
            return None, failed.outcome
        return exchange, Outcome.ANSWERED if exchange.status in RETRYABLE_STATUSES else None

    def _wait(
        self,
        call: Call,
        peer: Peer,
        deadline: Deadline,
        exchange: Exchange | None,
        failure: Outcome | None,
        *,
        attempts: int,
    ) -> float | None:
        if failure is None:
            return None
        now = time.monotonic()
        asked = exchange.response.headers.get("Retry-After") if exchange is not None else None
        wait = self._config.retry.wait(
            failure,
            attempts_made=attempts,
            repeatable=call.repeatable,
            remaining=deadline.remaining(now),
            retry_after=parse_retry_after(asked),
            random=self._uniform,
        )
        return wait if wait is not None and peer.budget.withdraw(now) else None

    def _identity(self, call: Call) -> tuple[Header, ...]:
        correlation = correlation_id()
        identity: Sequence[Header] = [(CORRELATION_HEADER, correlation)] if correlation else []
        if self._token_for is None:
            return tuple(identity)
        return (*identity, (SERVICE_TOKEN_HEADER, self._token_for(call.service)))

    def _error(self, call: Call, outcome: Outcome, attempts: int) -> Exception:
        match outcome:
            case Outcome.TIMED_OUT:
                return DeadlineExceeded(f"{call.service} did not answer {call.operation} in time")
            case Outcome.GARBLED:
                return InvalidUpstreamReply(call.service, call.operation, "the reply is not HTTP")
            case _:
                return Unreachable(call.service, attempts)

    def _open_session(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(
                    limit=self._config.connections, keepalive_timeout=self._config.keep_alive, ttl_dns_cache=5
                ),
                cookie_jar=DummyCookieJar(),
                skip_auto_headers=_AUTOMATIC,
                auto_decompress=False,
            )
        return self._session
