"""One attempt on the wire, from the choice of a replica to the last byte of its reply."""

import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from aiohttp import ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from chassis.client.call import Call, Header
from chassis.client.failures import EXPECTED, AttemptFailed, outcome_of
from chassis.client.peer import Peer
from chassis.client.signals import AttemptSignals
from chassis.discovery.model import Instance
from chassis.resilience.deadline import TIMEOUT_HEADER, Deadline
from chassis.resilience.retry import Outcome

_CHUNK = 64 * 1024


class Exchange:
    """An attempt and, once sent, its open reply. Whoever holds it calls ``close`` exactly when done with it."""

    __slots__ = ("_call", "_closed", "_peer", "_response", "_signals", "failure", "instance")

    def __init__(self, call: Call, peer: Peer, instance: Instance, attempt: int) -> None:
        parts = urlsplit(instance.url)
        self._call = call
        self._peer = peer
        self._signals = AttemptSignals(call, parts.hostname or "", parts.port or 80, attempt)
        self._response: ClientResponse | None = None
        self._closed = False
        self.instance = instance
        self.failure: Outcome | None = None

    async def send(
        self, session: ClientSession, deadline: Deadline, connect_timeout: float, identity: tuple[Header, ...]
    ) -> None:
        """Send the request and wait for the head of the reply.

        Raises:
            AttemptFailed: no reply came; the exchange is closed.
        """
        now = time.monotonic()
        headers = [
            *self._call.headers,
            *identity,
            ("traceparent", self._signals.traceparent),
            (TIMEOUT_HEADER, deadline.header(now)),
        ]
        remaining = deadline.remaining(now)
        try:
            self._response = await session.request(
                self._call.method,
                URL(self.instance.url + self._call.target, encoded=True),
                headers=headers,
                data=self._call.body,
                timeout=ClientTimeout(total=remaining, sock_connect=min(connect_timeout, remaining)),
                allow_redirects=False,
            )
        except EXPECTED as error:
            raise self._failed(error) from error
        except BaseException:
            self.close()
            raise

    @property
    def response(self) -> ClientResponse:
        """The reply's head; only after ``send``."""
        assert self._response is not None
        return self._response

    @property
    def status(self) -> int:
        """The reply's status code."""
        return self.response.status

    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The reply's header fields as they came."""
        return self.response.raw_headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, undecoded.

        Raises:
            AttemptFailed: the body broke off or took too long; the exchange is closed.
        """
        try:
            async for chunk in self.response.content.iter_any():
                yield chunk
        except EXPECTED as error:
            raise self._failed(error) from error

    async def read(self, limit: int) -> bytes | None:
        """The whole body, or none where it is longer than the limit.

        Raises:
            AttemptFailed: the body broke off or took too long; the exchange is closed.
        """
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > limit:
                return None
        return bytes(body)

    def close(self) -> None:
        """End the attempt: its span, its place among the requests in flight, and the connection unless it is clean."""
        if self._closed:
            return
        self._closed = True
        status = None
        if self._response is not None:
            status = self._response.status
            self._response.close() if not self._response.content.at_eof() else self._response.release()
        self._peer.end(self.instance, time.monotonic(), self.failure)
        self._signals.finish(status, self.failure.value if self.failure else None)

    def _failed(self, error: BaseException) -> AttemptFailed:
        self.failure = outcome_of(error)
        self.close()
        return AttemptFailed(self.failure, error)
