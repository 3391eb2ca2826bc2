"""A customer at the public port: logs in, looks at products, places orders. What ``order`` and ``load`` both do."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
import msgspec

from pharos.errors import CliError
from pharos.state import System

DEMO_CUSTOMER = "demo@pharos.example"
DEFAULT_SKU = "MUG-BLUE"
PENDING = "pending"
RENEW_BEFORE_S = 60.0
REQUEST_TIMEOUT_S = 15.0
_POLL_S = 0.1


class Refused(CliError):
    """The system answered a request with a problem."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply of the public port, with the IDs under which its telemetry is found."""

    status: int
    body: dict[str, Any]
    correlation_id: str
    trace_id: str

    @property
    def ok(self) -> bool:
        """Whether the request was served."""
        return 200 <= self.status < 300


class Storefront:
    """The public API as one customer uses it; an asynchronous context manager."""

    def __init__(self, edge: str, email: str, password: str) -> None:
        self._edge = edge
        self._credentials = {"email": email, "password": password}
        self._token = ""
        self._renew_at = 0.0

    @classmethod
    def of(cls, system: System) -> Self:
        """The demo customer of a running system."""
        return cls(system.url("edge"), DEMO_CUSTOMER, system.secret("demo-customer"))

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            self._edge,
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def log_in(self) -> None:
        """Get an access token, unless the one at hand is good for another minute.

        Raises:
            Refused: the system does not know the customer or the password.
        """
        loop = asyncio.get_running_loop()
        if loop.time() < self._renew_at:
            return
        answer = accepted(await self.send("POST", "/sessions", json=self._credentials), "log in")
        self._token = answer.body["access_token"]
        self._renew_at = loop.time() + answer.body["expires_in"] - RENEW_BEFORE_S

    async def place(self, sku: str, quantity: int, card: str, *, key: str | None = None) -> Answer:
        """Place one order, under a fresh Idempotency-Key if none is given; 201 when it is settled, else 202."""
        return await self.send(
            "POST",
            "/orders",
            json={"lines": [{"sku": sku, "quantity": quantity}], "card_token": card},
            headers={"Idempotency-Key": key or str(uuid.uuid4())},
        )

    async def settled(self, answer: Answer, seconds: float) -> dict[str, Any]:
        """The order of an accepted answer once it is confirmed or cancelled, or as it is after so many seconds."""
        loop = asyncio.get_running_loop()
        until, order = loop.time() + seconds, answer.body
        while order["status"] == PENDING and loop.time() < until:
            await asyncio.sleep(_POLL_S)
            order = accepted(await self.send("GET", f"/orders/{order['order_id']}"), "read the order").body
        return order

    async def send(self, method: str, path: str, *, json: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """One request as this customer.

        Raises:
            aiohttp.ClientError: the public port cannot be reached or broke the connection.
            TimeoutError: no answer in time.
        """
        sent = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._http.request(method, path, json=json, headers=sent | (headers or {})) as reply:
            return Answer(
                reply.status,
                _document(await reply.read()),
                reply.headers.get("X-Correlation-ID", ""),
                reply.headers.get("X-Trace-ID", ""),
            )


def accepted(answer: Answer, doing: str) -> Answer:
    """The answer, if the system took the request.

    Raises:
        Refused: with what the problem document says and the command that shows why.
    """
    if answer.ok:
        return answer
    problem = answer.body
    fields = "; ".join(f"{error['field']}: {error['message']}" for error in problem.get("errors", []))
    detail = fields or problem.get("detail") or problem.get("title") or "no problem document"
    raise Refused(
        f"could not {doing}: {answer.status} {problem.get('reason', '')}: {detail}",
        f"see what happened: ./just trace {answer.correlation_id}" if answer.correlation_id else "./just status",
    )


def run(main: Callable[[], Any]) -> Any:
    """Run a coroutine function; a public port that cannot be reached becomes an error that says what to do."""
    try:
        return asyncio.run(main())
    except (aiohttp.ClientError, TimeoutError) as error:
        what = str(error) or type(error).__name__
        raise CliError(f"the public port did not answer: {what}", "see how the parts are: ./just status") from error


def _document(content: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError:
        return {"detail": content[:200].decode(errors="replace")}
