"""One attempt on the wire, from the choice of a replica to the last byte of its reply."""

from collections.abc import AsyncIterator, Callable

from aiohttp import ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from chassis.client.call import Call, Header
from chassis.client.errors import RETRIED_HEADER, error_of
from chassis.client.failures import EXPECTED, outcome_of
from chassis.client.peer import Peer
from chassis.client.signals import AttemptSignals
from chassis.discovery.model import Instance
from chassis.errors import PharosError
from chassis.resilience.balancer import Admission
from chassis.resilience.breaker import Verdict
from chassis.resilience.deadline import LONGEST_TIMEOUT_S, TIMEOUT_HEADER, Deadline
from chassis.resilience.retry import RETRYABLE_STATUSES, Outcome, parse_retry_after
from chassis.resilience.verdict import verdict_on_broken_body, verdict_on_reply, verdict_on_timeout


class Exchange:
    """An attempt and its open reply. Whoever holds it calls ``close`` when done with it; twice does no harm."""

    __slots__ = (
        "_admission",
        "_call",
        "_clock",
        "_closed",
        "_granted",
        "_judged",
        "_peer",
        "_response",
        "_signals",
        "_started",
        "failure",
    )

    def __init__(
        self, call: Call, peer: Peer, admission: Admission, attempt: int, *, now: float, clock: Callable[[], float]
    ) -> None:
        self._call = call
        self._peer = peer
        self._admission = admission
        self._signals = AttemptSignals(call, admission.instance, attempt)
        self._response: ClientResponse | None = None
        self._closed = False
        self._judged = False
        self._clock = clock
        self._started = now
        self._granted = 0.0
        self.failure: Outcome | None = None
        if admission.transition is not None:
            self._signals.changed(admission.transition)

    @property
    def instance(self) -> Instance:
        """The replica that was chosen."""
        return self._admission.instance

    async def send(self, session: ClientSession, deadline: Deadline, identity: tuple[Header, ...]) -> None:
        """Send the request and wait for the head of the reply; afterwards ``failure`` says if and how it failed."""
        remaining = self._granted = deadline.remaining(self._started)
        headers = [*self._call.headers, *identity, (TIMEOUT_HEADER, deadline.header(self._started))]
        if traceparent := self._signals.traceparent:
            headers.append(("traceparent", traceparent))
        try:
            self._response = await session.request(
                self._call.method,
                URL(self.instance.url + self._call.target, encoded=True),
                headers=headers,
                data=self._call.body,
                timeout=ClientTimeout(
                    total=remaining,
                    sock_connect=min(self._peer.config.connect_timeout, remaining),
                    ceil_threshold=LONGEST_TIMEOUT_S,
                ),
                allow_redirects=False,
            )
        except EXPECTED as error:
            self._fail(error)
        except BaseException:
            self.close()
            raise
        else:
            self._peer.replied(self._shed_for())
            if self._response.status in RETRYABLE_STATUSES:
                self.failure = Outcome.ANSWERED
            self._judge(self._verdict_on_reply())

    @property
    def answered(self) -> bool:
        """Whether there is a reply."""
        return self._response is not None

    @property
    def response(self) -> ClientResponse:
        """The reply's head; only where there is one."""
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

    @property
    def still_handled(self) -> bool:
        """Whether the callee says that it is still busy with the same request, sent before under the same key."""
        return self._response is not None and self.status == 409 and self.header("Retry-After") is not None

    def header(self, name: str) -> str | None:
        """One header field of the reply, if it has a reply and the reply has it."""
        return None if self._response is None else self._response.headers.get(name)

    @property
    def complete(self) -> bool:
        """Whether the whole body has been taken."""
        return self.response.content.at_eof()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, undecoded.

        Raises:
            UpstreamFailed: the body broke off; the exchange is closed.
            DeadlineExceeded: it took too long; the exchange is closed.
        """
        try:
            async for chunk in self.response.content.iter_any():
                yield chunk
        except EXPECTED as error:
            raise self._fail(error) from error

    async def read(self, limit: int) -> bytes | None:
        """The whole body, or none where it is longer than ``limit`` bytes.

        Raises:
            UpstreamFailed: the body broke off; the exchange is closed.
            DeadlineExceeded: it took too long; the exchange is closed.
        """
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > limit:
                return None
        return bytes(body)

    def error(self) -> PharosError:
        """What a call raises whose last attempt this was, without a reply."""
        return error_of(self._call.service, self._call.operation, self.failure or Outcome.NOT_CONNECTED)

    def close(self) -> None:
        """End the attempt: its span, its place among those in flight, and the connection unless it is clean."""
        if self._closed:
            return
        self._closed = True
        status = None
        if self._response is not None:
            status = self._response.status
            if self.complete:
                self._response.release()
            else:
                self._response.close()
        if not self._judged:
            self._judge(Verdict.NEITHER)
        now = self._clock()
        self._peer.end(self._admission)
        broken = self.failure not in {None, Outcome.ANSWERED}
        self._signals.finish(now - self._started, status, self.failure.value if self.failure and broken else None)

    def _fail(self, error: BaseException) -> PharosError:
        self.failure = outcome_of(error)
        if not self._judged:
            self._judge(self._verdict_on_timeout() if isinstance(error, TimeoutError) else Verdict.BAD)
        elif verdict_on_broken_body(self.failure) is Verdict.BAD:
            self._judge(Verdict.BAD)
        self.close()
        return self.error()

    def _judge(self, verdict: Verdict) -> None:
        """Tell what the attempt says about the replica, as soon as it says it: the body may take its time."""
        self._judged = True
        changed = self._peer.judge(self._admission, verdict, self.failure)
        if changed is None:
            return
        if changed.transition is not None:
            self._signals.changed(changed.transition)
        if changed.ejected_s is not None:
            self._signals.ejected(changed.ejected_s)

    def _shed_for(self) -> float | None:
        """Seconds after which a callee that sheds load asks to come back; none where it does not shed."""
        if self.status != 503 or self.header(RETRIED_HEADER) is not None:
            return None
        return parse_retry_after(self.header("Retry-After"))

    def _verdict_on_reply(self) -> Verdict:
        status = self.status
        excused = status >= 500 and (
            self.header(RETRIED_HEADER) is not None or (status == 503 and self.header("Retry-After") is not None)
        )
        slow = self._peer.config.breaker.slow or self._call.attempt_timeout
        return verdict_on_reply(status=status, excused=excused, seconds=self._clock() - self._started, slow=slow)

    def _verdict_on_timeout(self) -> Verdict:
        usual = min(self._call.timeout, self._call.attempt_timeout)
        if self.failure is Outcome.NOT_CONNECTED:
            usual = self._peer.config.connect_timeout
        seconds = self._clock() - self._started
        return verdict_on_timeout(seconds=seconds, limit=min(self._granted, usual), usual=usual)
