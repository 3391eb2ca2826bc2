"""Forged and malformed tokens: none is accepted, key sets are not fetched for them, and good tokens go on working."""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from joserfc.jwk import OKPKey

from bench.report import Figure
from chassis.auth.callers import service_check
from chassis.auth.fetch import SERVICE_JWKS_PATH
from chassis.auth.header import SERVICE_TOKEN_HEADER
from chassis.auth.keys import SigningKey, generate, key_set, verification_keys
from chassis.auth.tokens import SERVICE_TYPE, ServiceTokens, issue
from chassis.environment import Secret
from support.system import ROOT
from testkit.databases import Databases
from testkit.servers import nats_server, postgres_server
from testkit.services import Neighbourhood, ServiceServer, running, service_environment, service_server
from verify.forgeries import forgeries
from verify.proof import Run

CALLER, CALLEE = "orders", "accounts"
CUSTOMER = "/customers/018f6b7e-6d0a-7c3e-9b55-2f4f1f7f0001"
WINDOW_S = 30.0
AT_ONCE = 8
WARM_S = 5e-6


class Publisher:
    """The issuer's side: publishes a key set, and notes when it was asked for it."""

    def __init__(self) -> None:
        self.keys = [new_key("genuine-1")]
        self.asked: list[float] = []
        self.url = ""

    async def answer(self, _: web.Request) -> web.Response:
        """The key set."""
        self.asked.append(time.monotonic())
        return web.json_response(key_set(*self.keys))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Serve within the block."""
        app = web.Application()
        app.router.add_get(SERVICE_JWKS_PATH, self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            await runner.cleanup()

    @property
    def most_in_window(self) -> int:
        """The most times it was asked within any 30 s."""
        return max((sum(0 <= other - one < WINDOW_S for other in self.asked) for one in self.asked), default=0)


class Caller:
    """Sends tokens to the service and counts what became of them."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.statuses: dict[str, list[int]] = {"forged": [], "good": []}
        self.rest = asyncio.Semaphore(AT_ONCE)

    async def send(self, kind: str, token: bytes) -> None:
        """Ask for a customer with this token; a token that no HTTP client can send counts as refused."""
        async with self.rest:
            headers = {SERVICE_TOKEN_HEADER: token.decode("latin-1")}
            try:
                async with self._http.get(CUSTOMER, headers=headers) as reply:
                    self.statuses[kind].append(reply.status)
            except ValueError:
                self.statuses[kind].append(0)


def prove(run: Run) -> Iterator[Figure]:
    """The counts, and at full size what a token costs that is known already."""
    forged, good, publisher = asyncio.run(_attack(run))
    yield Figure(what="forged tokens sent", measured=len(forged), at_least=run.pick(check=1000, standard=10_000))
    accepted = sum(status not in {0, 400, 401, 431} for status in forged)
    yield Figure(what="forged tokens accepted", measured=accepted, at_most=0)
    yield Figure(what="good tokens sent meanwhile", measured=len(good), at_least=50)
    yield Figure(what="good tokens refused", measured=sum(status != 404 for status in good), at_most=0)
    yield Figure(what="key set fetched, most in any 30 s", measured=publisher.most_in_window, at_most=1)
    yield Figure(what="key set fetched, in all", measured=len(publisher.asked), at_least=1)
    if run.measures:
        yield from _cost()


async def _attack(run: Run) -> tuple[list[int], list[int], Publisher]:
    """Attack a real service over HTTP, with its issuer's key rotated once meanwhile."""
    publisher = Publisher()
    async with publisher.serving():
        with tempfile.TemporaryDirectory() as folder, _service(Path(folder), publisher.url) as server:
            async with aiohttp.ClientSession(server.url) as http:
                caller = Caller(http)
                await _send_all(run, caller, publisher)
    return caller.statuses["forged"], caller.statuses["good"], publisher


@contextmanager
def _service(folder: Path, publisher: str) -> Iterator[ServiceServer]:
    """The callee as a process of its own, which finds its caller's keys at the publisher."""
    neighbours = Neighbourhood(folder)
    neighbours.place(CALLER, publisher)
    user_key = {"PHAROS_USER_TOKEN_KEY_FILE": str(neighbours.key_file("user-tokens"))}
    manifest = ROOT / "services" / CALLEE / "service.toml"
    with postgres_server(folder / "postgres") as postgres, nats_server(folder / "nats") as nats:
        database = Databases(postgres).create(CALLEE)
        environment = service_environment(CALLEE, manifest, neighbours, database, nats_url=nats.url, extra=user_key)
        with running(service_server(CALLEE, environment, folder)) as server:
            yield server


async def _send_all(run: Run, caller: Caller, publisher: Publisher) -> None:
    """Every forgery, then tokens under so many unknown key IDs; good ones of two keys among them, all along."""
    first = publisher.keys[0]
    publisher.keys.append(second := new_key("genuine-2"))  # published before it is used
    await caller.send("good", _fresh(first))
    for token in forgeries(CALLER, CALLEE, first, run.random("forgeries")).values():
        await caller.send("forged", token)
    stranger = new_key("stranger")
    count = run.pick(check=1000, standard=10_000)
    for begun in range(0, count, 50):
        signer = first if begun < count // 2 else second
        tokens = [_unknown(stranger, f"unknown-{number}") for number in range(begun, begun + 50)]
        await asyncio.gather(
            *(caller.send("forged", token) for token in tokens),
            *(caller.send("good", _fresh(signer)) for _ in range(5)),
        )


def _unknown(key: SigningKey, kid: str) -> bytes:
    return _fresh(SigningKey(key.key, kid))


def _fresh(key: SigningKey) -> bytes:
    """A token that nobody has seen before."""
    claims = {"iss": CALLER, "sub": CALLER, "aud": CALLEE}
    return issue(key, claims, typ=SERVICE_TYPE, lifetime=300).encode()


class Known:
    """The keys of an issuer, at hand."""

    def __init__(self, *keys: SigningKey) -> None:
        self._keys = verification_keys(key_set(*keys))

    async def key(self, issuer: str, kid: str) -> OKPKey | None:  # noqa: ARG002
        """The key with this ID."""
        return self._keys.get(kid)


def _cost() -> Iterator[Figure]:
    """CPU of a check: of a token that was verified before, and of one that was not, in turns."""
    taken = [asyncio.run(_spend(20_000, 200)) for _ in range(5)]
    warm = statistics.median(one for one, _ in taken)
    cold = statistics.median(one for _, one in taken)
    yield Figure(what="CPU of a token known already", measured=warm * 1e6, unit="µs", at_most=WARM_S * 1e6)
    yield Figure(what="CPU of a token not seen before", measured=cold * 1e6, unit="µs")
    yield Figure(what="not seen before ÷ known already", measured=cold / warm, unit="x", at_least=10)


async def _spend(known: int, unknown: int) -> tuple[float, float]:
    """CPU seconds of a check of either kind, the mean of so many."""
    key = new_key("genuine-1")
    check = service_check(CALLEE, frozenset({CALLER}), Known(key))
    token = ServiceTokens(CALLER, key).token_for(CALLEE).encode()
    fresh = [_fresh(key) for _ in range(unknown)]
    await check(token)
    began = time.process_time()
    for _ in range(known):
        await check(token)
    between = time.process_time()
    for one in fresh:
        await check(one)
    return (between - began) / known, (time.process_time() - between) / unknown


def new_key(kid: str) -> SigningKey:
    """A new key."""
    return SigningKey.parse(Secret(json.dumps(generate(kid))))
