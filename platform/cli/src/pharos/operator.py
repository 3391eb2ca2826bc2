"""Asking services as the operator: with a service token of its own, at the addresses where they listen."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import aiohttp
import msgspec

from chassis.auth.keys import SigningKey
from chassis.auth.tokens import ServiceTokens
from chassis.discovery.endpoints import MalformedEndpointsError, parse_endpoints
from chassis.environment import Secret
from pharos.docker.services import published_services
from pharos.errors import CliError
from pharos.state import EmbeddedSystem, System
from warden.secrets import OPERATOR

PAGE: Final = 100
TIMEOUT_S: Final = 15.0
PATIENCE_S: Final = 20.0
"""A service that restarts is back sooner; one that stays away longer is named."""
PAUSE_S: Final = 0.25
_PASSING: Final = frozenset({429, 502, 503, 504})

Document = dict[str, Any]


class ServiceSilent(CliError):
    """A service gave no answer for as long as it would take to restart it."""

    reason = "service-silent"


class Refused(CliError):
    """A service answered with a problem."""

    reason = "operator-refused"

    def __init__(self, service: str, path: str, status: int, problem: Document) -> None:
        """``problem`` is the problem document."""
        self.status = status
        detail = problem.get("detail") or problem.get("title") or "no problem document"
        correlation = problem.get("correlation_id")
        super().__init__(
            f"{service} answered {status} {problem.get('reason', '')} to {path}: {detail}",
            f"see what happened: ./just trace {correlation}" if correlation else "./just status",
        )


class Operator:
    """The operator's client; an asynchronous context manager."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._tokens = ServiceTokens(OPERATOR, _key(system))
        self._turns = itertools.count()
        self._known: dict[str, Sequence[str]] = {}  # until one does not answer: an engine takes its time to be asked

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def get(self, service: str, path: str, **parameters: str | int) -> Document:
        """The document of a GET.

        Raises:
            ServiceSilent: no replica answers.
            Refused: it answered with a problem.
        """
        return await self._send("GET", service, path, parameters)

    async def post(self, service: str, path: str) -> Document:
        """The document of a POST that may be repeated.

        Raises:
            ServiceSilent: no replica answers.
            Refused: it answered with a problem.
        """
        return await self._send("POST", service, path, {})

    async def pages(self, service: str, path: str, **parameters: str | int) -> AsyncIterator[Document]:
        """Every page of a listing."""
        cursor: Mapping[str, str] = {}
        while True:
            page = await self.get(service, path, limit=PAGE, **parameters, **cursor)
            yield page
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}

    async def items(self, service: str, path: str, **parameters: str | int) -> list[Document]:
        """Every item of a listing."""
        return [item async for page in self.pages(service, path, **parameters) for item in page["items"]]

    async def _send(self, method: str, service: str, path: str, parameters: Mapping[str, str | int]) -> Document:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while True:
            failure = await self._try(method, service, path, parameters)
            if isinstance(failure, dict):
                return failure
            self._known.pop(service, None)
            if loop.time() >= until:
                raise ServiceSilent(f"{service} does not answer: {failure}", "see how the parts are: ./just status")
            await asyncio.sleep(PAUSE_S)

    async def _try(self, method: str, service: str, path: str, parameters: Mapping[str, str | int]) -> Document | str:
        """The document, or why there was none this time."""
        if not (addresses := self._known.get(service)):
            addresses = self._known[service] = await asyncio.to_thread(addresses_of, self._system, service)
        if not addresses:
            return "no replica is ready"
        url = addresses[next(self._turns) % len(addresses)] + path
        headers = {"X-Service-Token": self._tokens.token_for(service)}
        try:
            async with self._http.request(method, url, params=parameters, headers=headers) as reply:
                document = _document(await reply.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            return str(error) or type(error).__name__
        if reply.status in _PASSING:
            return f"{reply.status} {document.get('reason', '')}"
        if reply.status >= 400:
            raise Refused(service, path, reply.status, document)
        return document


def addresses_of(system: System, service: str) -> Sequence[str]:
    """Where the replicas of a service listen now, as this machine sees them."""
    if not isinstance(system, EmbeddedSystem):
        return published_services(system, service)
    try:
        endpoints = parse_endpoints(system.folder.endpoints.read_bytes())
    except (FileNotFoundError, MalformedEndpointsError):
        return ()
    return [instance.url for instance in endpoints.services.get(service, ())]


def _key(system: System) -> SigningKey:
    secrets = system.folder.secrets if isinstance(system, EmbeddedSystem) else system.folder.docker.secrets
    file: Path = secrets / f"key-{OPERATOR}.jwk"
    try:
        return SigningKey.parse(Secret(file.read_text()), source=str(file))
    except OSError as error:
        raise CliError(f"{file}: {error.strerror}", "run this as who started the system") from None


def _document(content: bytes) -> Document:
    try:
        return msgspec.json.decode(content, type=Document)
    except msgspec.DecodeError:
        return {"detail": content[:200].decode(errors="replace")}
