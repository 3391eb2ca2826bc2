"""Canaries through every field and header: secrets and card numbers stay nowhere, the rest where it belongs."""

import asyncio
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import aiohttp

from bench.report import Figure
from chassis.discovery import parse_endpoints
from chassis.manifest import load_manifest
from support.system import ROOT, System, new_system
from testkit import wait_until
from verify.credentials import Credentials
from verify.planting import Attempt, Canary, Kind, Planter
from verify.proof import Run
from verify.residue import MAIL, database, mails, read_all, stored_telemetry

AT_ONCE = 4
LAST = "the-last-canary-request"
PERSONAL = {"name", "email"}
"""Of a customer: accounts keeps it, and a letter tells it to the customer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a service answered to an attempt."""

    attempt: Attempt
    status: int
    reason: str
    fields: frozenset[str]


def prove(run: Run) -> Iterator[Figure]:
    """Counts only: what was planted, what was refused, and what was found where it must not be."""
    system = new_system()
    try:
        system.start()
        services = sorted(file.parent.name for file in ROOT.glob("services/*/service.toml"))
        outcomes = _plant(run, system, services)
        _settle(system)
        kept = read_all(system, services)
        own_secrets = _own_secrets(system)
        letters = mails(system)
    finally:
        system.remove()
    canaries = [outcome.attempt.canary for outcome in outcomes]
    yield Figure(what="canaries sent", measured=len(canaries), at_least=300)
    yield Figure(
        what="operations reached", measured=len({(one.service, one.operation) for one in canaries}), at_least=20
    )
    yield from _answers(outcomes)
    yield from _places(canaries, kept)
    leaked = sum(secret in content for secret in own_secrets for content in kept.values())
    yield Figure(what="passwords and keys of the system found anywhere", measured=leaked, at_most=0)
    yield Figure(what="mails received", measured=len(letters), at_least=1)
    injected = sum(b"\nInjected-By" in letter for letter in letters)
    yield Figure(what="mails with an injected line", measured=injected, at_most=0)


def _plant(run: Run, system: System, services: list[str]) -> list[Outcome]:
    """Send every attempt on every service; the order is the same for a seed."""
    credentials = Credentials(system)
    outcomes = []
    for service in services:
        document = json.loads((ROOT / "services" / service / "openapi.json").read_text())
        attempts = list(Planter(service, document, run.random(f"canaries {service}")).attempts())
        outcomes += asyncio.run(_send_all(system, service, attempts, credentials.of(service)))
    return outcomes


async def _send_all(
    system: System, service: str, attempts: list[Attempt], tokens: Mapping[str, tuple[str, str]]
) -> list[Outcome]:
    manifest = load_manifest(ROOT / "services" / service / "service.toml")
    public = {(route.method, route.path) for route in manifest.routes}
    replica = parse_endpoints((system.state / "endpoints.json").read_bytes()).services[service][0].url
    turn = asyncio.Semaphore(AT_ONCE)

    async def send(attempt: Attempt) -> Outcome:
        origin = system.edge if (attempt.method.upper(), attempt.template) in public else replica
        async with turn:
            return await _send(http, origin, attempt, dict([tokens[attempt.canary.operation]])
                               if attempt.canary.operation in tokens else {})  # fmt: skip

    async with aiohttp.ClientSession() as http:
        return list(await asyncio.gather(*(send(attempt) for attempt in attempts)))


async def _send(http: aiohttp.ClientSession, origin: str, attempt: Attempt, token: Mapping[str, str]) -> Outcome:
    headers = {"Idempotency-Key": str(uuid.uuid4()), **token, **attempt.headers}
    url = f"{origin}{attempt.path}"
    async with http.request(
        attempt.method.upper(), url, params=attempt.query, json=attempt.body, headers=headers
    ) as reply:
        try:
            answer = json.loads(await reply.read())
        except ValueError:
            answer = {}
    problem = answer if isinstance(answer, dict) and reply.status >= 400 else {}
    fields = frozenset(str(error["field"]) for error in problem.get("errors", ()))
    return Outcome(attempt, reply.status, str(problem.get("reason", "")), fields)


def _settle(system: System) -> None:
    """Wait until what was sent first and last has come to every place it goes to."""

    async def ask() -> None:
        async with aiohttp.ClientSession(headers={"X-Correlation-ID": LAST}) as http, http.get(f"{system.edge}/orders"):
            pass

    async def wait() -> None:
        await ask()
        await wait_until(lambda: LAST.encode() in stored_telemetry(system), timeout=30)
        await wait_until(lambda: mails(system), timeout=30)

    asyncio.run(wait())


def _answers(outcomes: list[Outcome]) -> Iterator[Figure]:
    cards = [one for one in outcomes if one.attempt.canary.kind is Kind.CARD]
    missed = [one for one in cards if (one.status, one.reason) != (422, "card-number-not-accepted")]
    unnamed = [one for one in cards if one.attempt.canary.where not in one.fields and one not in missed]
    yield Figure(what="card numbers sent", measured=len(cards), at_least=100)
    yield Figure(what=_first("card numbers not refused with 422", missed), measured=len(missed), at_most=0)
    yield Figure(what=_first("refusals that do not name the field", unnamed), measured=len(unnamed), at_most=0)
    broken = [one for one in outcomes if one.status >= 500]
    yield Figure(what=_first("answers of 500 and above", broken), measured=len(broken), at_most=0)


def _first(what: str, outcomes: list[Outcome]) -> str:
    """What is counted, with one of those that were, if there is any."""
    for one in outcomes:
        canary = one.attempt.canary
        return f"{what} (such as {canary.service} {canary.operation} {canary.where}: {one.status} {one.reason})"
    return what


def _places(canaries: list[Canary], kept: Mapping[str, bytes]) -> Iterator[Figure]:
    found = {kind: list[str]() for kind in Kind}
    at_home = 0
    for canary in canaries:
        for place, content in kept.items():
            if not any(needle in content for needle in _needles(canary)):
                continue
            if place in _homes(canary):
                at_home += 1
            else:
                found[canary.kind].append(f"{canary.service} {canary.operation} {canary.where} in {place}")
    for kind, places in found.items():
        example = f" (such as {places[0]})" if places else ""
        yield Figure(what=f"{kind}: found where it must not be{example}", measured=len(places), at_most=0)
    yield Figure(what="canaries found in the database that owns the field", measured=at_home, at_least=1)


def _homes(canary: Canary) -> set[str]:
    """Where a canary may be. A card number or a secret may be nowhere."""
    if canary.kind in {Kind.SECRET, Kind.CARD}:
        return set()
    homes = {database(canary.service)}
    if canary.service == "accounts" and canary.where in PERSONAL:
        homes |= {MAIL, database("notifications")}
    return homes


def _needles(canary: Canary) -> set[bytes]:
    """The canary as text, as digits alone, and as PostgreSQL shows bytes."""
    texts = (
        {canary.needle, canary.needle.replace(" ", "").replace("-", "")}
        if canary.kind is Kind.CARD
        else {canary.needle}
    )
    return {text.encode() for text in texts} | {text.encode().hex().encode() for text in texts}


def _own_secrets(system: System) -> list[bytes]:
    """Every password, and the private half of every key, that `up` made."""
    found = []
    for file in (system.state / "secrets").iterdir():
        content = file.read_text().strip()
        if file.suffix == ".jwk":
            found.append(json.loads(content)["d"].encode())
        elif file.suffix != ".jwks":
            found.append(content.encode())
    return found
