"""Makes a call: attempt after attempt, until one is final."""

import asyncio
from collections.abc import Callable, Mapping
from math import inf

from aiohttp import ClientSession, DummyCookieJar, TCPConnector

from chassis.auth.header import SERVICE_TOKEN_HEADER
from chassis.client.call import Call, Header
from chassis.client.errors import RETRIED_HEADER, CallTimedOut, NotSent
from chassis.client.exchange import Exchange
from chassis.client.peer import Peer
from chassis.client.refusals import tell_refused
from chassis.client.retries import count_retry
from chassis.correlation import CORRELATION_HEADER, correlation_id
from chassis.discovery.model import Discovery
from chassis.resilience.balancer import Admission
from chassis.resilience.calls import CallConfig, ClientConfig
from chassis.resilience.deadline import Deadline, call_deadline, current_deadline
from chassis.resilience.places import elsewhere
from chassis.resilience.priority import PRIORITY_HEADER, current_priority
from chassis.resilience.retry import Outcome, parse_retry_after

TokenFor = Callable[[str], str]
"""Gives this process's service token for an audience."""

_NOT_AUTOMATIC = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


class Sender:
    """Owns the connections and what is known of each service called."""

    def __init__(
        self,
        discovery: Discovery,
        token_for: TokenFor | None,
        config: ClientConfig,
        overrides: Mapping[str, CallConfig],
        *,
        uniform: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._discovery = discovery
        self._token_for = token_for
        self._config = config
        self._overrides = overrides
        self._uniform = uniform
        self._clock = clock
        self._peers: dict[str, Peer] = {}
        self._session: ClientSession | None = None
        self.places: Callable[[], float] = lambda: inf
        """How many requests this process lets in at once."""

    def figures(self, service: str) -> CallConfig:
        """The figures of calls to that service."""
        return self._overrides.get(service, self._config)

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(self, call: Call) -> Exchange:
        """Send until a reply is final; the exchange is open and the caller closes it.

        Raises:
            Unavailable: no instance is known, none could be reached, or the call was not sent (``NotSent``).
            UpstreamFailed: the connection broke, or what came back is not HTTP.
            DeadlineExceeded: there was no time for a reply, or too little to begin.
        """
        peer = self._peer(call.service)
        deadline = call_deadline(call.timeout, self._clock(), current_deadline())
        tried: list[str] = []
        while True:
            exchange = await self._attempt(call, peer, deadline, tried)
            wait = self._wait(call, peer, deadline, exchange, len(tried))
            if wait is None:
                if exchange.answered:
                    return exchange
                raise exchange.error()
            exchange.close()
            await asyncio.sleep(wait)

    async def _attempt(self, call: Call, peer: Peer, deadline: Deadline, tried: list[str]) -> Exchange:
        session, identity = self._open_session(), self._identity(call)
        now = self._clock()
        if not deadline.allows_call(now):
            raise CallTimedOut(call.service, f"too little time is left to call {call.service}")
        if call.repeatable:
            deadline = Deadline(min(deadline.at, now + call.attempt_timeout))
        admission = self._begin(call, peer, now, tried)
        exchange = Exchange(call, peer, admission, len(tried) + 1, now=now, clock=self._clock)
        tried.append(exchange.instance.url)
        with elsewhere():
            await exchange.send(session, deadline, identity)
        if len(tried) > 1 and exchange.still_handled:
            exchange.failure = Outcome.ANSWERED
        return exchange

    def _begin(self, call: Call, peer: Peer, now: float, tried: list[str]) -> Admission:
        try:
            admission = peer.begin(now, tried=tried, exempt=call.exempt)
        except NotSent as refusal:
            tell_refused(call, refusal)
            raise
        if not tried:
            peer.budget.deposit(now)
        return admission

    def _wait(self, call: Call, peer: Peer, deadline: Deadline, exchange: Exchange, made: int) -> float | None:
        """Seconds until the next attempt; none when this was the last."""
        if exchange.failure is None or exchange.header(RETRIED_HEADER) is not None:
            return None
        now = self._clock()
        if not peer.admits(now):
            return None
        if made > 1 and exchange.still_handled:
            # With our own earlier attempt, whose process may have died and be on its way back: only time bounds this.
            made = min(made, peer.config.retry.attempts - 1)
        wait = peer.config.retry.wait(
            exchange.failure,
            attempts_made=made,
            repeatable=call.repeatable,
            remaining=deadline.remaining(now),
            retry_after=parse_retry_after(exchange.header("Retry-After")),
            random=self._uniform,
        )
        if wait is None:
            return None
        allowed = peer.budget.withdraw(now)
        count_retry(call.service, allowed=allowed)
        return wait if allowed else None

    def _peer(self, service: str) -> Peer:
        peer = self._peers.get(service)
        if peer is None:
            peer = self._peers[service] = Peer(
                service,
                self._discovery,
                self.figures(service),
                clock=self._clock,
                uniform=self._uniform,
                places=self._places_now,
            )
        return peer

    def _places_now(self) -> float:
        return self.places()

    def _identity(self, call: Call) -> tuple[Header, ...]:
        correlation = correlation_id()
        identity: tuple[Header, ...] = ((PRIORITY_HEADER, current_priority().word),)
        if correlation:
            identity = (*identity, (CORRELATION_HEADER, correlation))
        if self._token_for is None:
            return identity
        return (*identity, (SERVICE_TOKEN_HEADER, self._token_for(call.service)))

    def _open_session(self) -> ClientSession:
        if self._session is None:
            config = self._config
            connector = TCPConnector(limit=config.connections, keepalive_timeout=config.keep_alive, ttl_dns_cache=5)
            self._session = ClientSession(
                connector=connector,
                cookie_jar=DummyCookieJar(),
                skip_auto_headers=_NOT_AUTOMATIC,
                auto_decompress=False,
            )
        return self._session
