import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Response, post
from msgspec import Struct
from piccolo.columns import Text
from piccolo.table import Table

from chassis.auth.principals import ServicePrincipal
from chassis.errors import Conflict, Unavailable
from chassis.http.errors import answer_problem
from chassis.idempotency import Attempt, idempotent
from chassis.idempotency.identity import Identity, fingerprint
from chassis.idempotency.store import claim, release_all
from chassis.persistence import Database, bind, transaction
from testkit import wait_until


class Made(Table, tablename="made"):
    name = Text()


class Make(Struct):
    name: str
    size: int = 1


class Thing(Struct):
    thing_id: str
    name: str


class NoRoom(Conflict):
    reason = "no-room"


class Undecided(Conflict):
    reason = "undecided"
    final = False


class Probe:
    """What the handler is told to do, and how often it did it."""

    def __init__(self) -> None:
        self.calls = 0
        self.failures: list[BaseException] = []
        self.proceed = asyncio.Event()
        self.proceed.set()
        self.fail_after_effect: list[BaseException] = []


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
async def client(database: Database, probe: Probe) -> AsyncIterator[AsyncClient]:
    bind(database.engine)
    await Made.create_table()

    @post("/things", operation_id="make_thing", status_code=201, opt={"auth": "service"})
    @idempotent
    async def make_thing(data: Make, attempt: Attempt) -> Response[Thing]:
        probe.calls += 1
        await probe.proceed.wait()
        if probe.failures:
            raise probe.failures.pop(0)
        thing_id = attempt.reference
        if thing_id is None:
            thing_id = str(uuid4())
            async with transaction():
                await Made.insert(Made(name=data.name))
                await attempt.remember(thing_id)
        if probe.fail_after_effect:
            raise probe.fail_after_effect.pop(0)
        return Response(Thing(thing_id, data.name), headers={"Location": f"/things/{thing_id}"})

    @post("/others", operation_id="make_other", opt={"auth": "service"})
    @idempotent
    async def make_other(data: Make) -> Thing:
        await Made.insert(Made(name=data.name))
        return Thing("other", data.name)

    async def identify(request: Any) -> None:
        request.scope["auth"] = ServicePrincipal(request.headers.get("caller", "orders"))

    app = Litestar([make_thing, make_other], before_request=identify, exception_handlers={Exception: answer_problem})
    async with AsyncClient(transport=ASGITransport(app), base_url="http://probe") as client:  # type: ignore[arg-type]
        client.app = app  # type: ignore[attr-defined]
        yield client


async def send(client: AsyncClient, key: str | None = "key-1", path: str = "/things", **body: Any) -> Any:
    caller = body.pop("caller", "orders")
    headers = {"caller": caller} | ({} if key is None else {"Idempotency-Key": key})
    return await client.post(path, json={"name": "a"} | body, headers=headers)


async def test_a_refusal_that_is_not_final_is_decided_anew(client: Any, probe: Probe) -> None:
    probe.failures.append(Undecided())
    first, second = await send(client), await send(client)
    assert (first.status_code, first.json()["reason"], second.status_code) == (409, "undecided", 201)
    assert probe.calls == 2


async def test_a_repetition_gets_the_first_answer(client: Any, probe: Probe) -> None:
    first, second = await send(client), await send(client)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert (probe.calls, await Made.count()) == (1, 1)


async def test_a_request_without_a_key_is_refused(client: Any, probe: Probe) -> None:
    answer = await send(client, None)
    assert (answer.status_code, answer.json()["reason"]) == (400, "idempotency-key-missing")
    assert probe.calls == 0


@pytest.mark.parametrize("key", ["x" * 256, "caf\u00e9".encode().decode("latin-1"), "a\tb"])
async def test_a_key_that_is_too_long_or_not_printable_is_refused(client: Any, key: str) -> None:
    answer = await client.post("/things", json={"name": "a"}, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert (answer.status_code, answer.json()["reason"]) == (400, "idempotency-key-invalid")


async def test_the_longest_key_is_accepted(client: Any) -> None:
    assert (await send(client, "x" * 255)).status_code == 201


async def test_a_key_cannot_stand_for_another_request(client: Any, probe: Probe) -> None:
    await send(client)
    answer = await send(client, name="b")
    assert (answer.status_code, answer.json()["reason"]) == (422, "idempotency-key-reused")
    assert probe.calls == 1


async def test_the_order_of_members_and_spaces_do_not_make_another_request(client: Any) -> None:
    first = await client.post("/things", content=b'{"name":"a","size":1}', headers={"Idempotency-Key": "k"})
    second = await client.post("/things", content=b'{ "size": 1, "name": "a" }', headers={"Idempotency-Key": "k"})
    assert second.content == first.content


async def test_keys_of_other_callers_and_operations_are_other_keys(client: Any) -> None:
    answers = [await send(client), await send(client, caller="payments"), await send(client, path="/others")]
    assert ["idempotency-replayed" in answer.headers for answer in answers] == [False] * 3
    assert await Made.count() == 3


async def test_a_second_request_while_the_first_is_in_flight_is_refused(client: Any, probe: Probe) -> None:
    probe.proceed.clear()
    first = asyncio.create_task(send(client))
    await wait_until(lambda: probe.calls == 1)
    second = await send(client)
    probe.proceed.set()
    assert (second.status_code, second.json()["reason"]) == (409, "idempotency-key-in-flight")
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 201


async def test_a_race_of_a_hundred_has_one_effect(client: Any, probe: Probe) -> None:
    answers = await asyncio.gather(*(send(client) for _ in range(100)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert (probe.calls, await Made.count()) == (1, 1)


async def test_an_outage_is_not_kept_and_the_next_request_does_the_work(client: Any, probe: Probe) -> None:
    probe.failures = [Unavailable("away"), RuntimeError("bug")]
    assert [(await send(client)).status_code for _ in range(3)] == [503, 500, 201]
    assert await Made.count() == 1


async def test_a_refusal_is_kept(client: Any, probe: Probe) -> None:
    probe.failures = [NoRoom("full")]
    first, second = await send(client), await send(client)
    assert (first.status_code, second.status_code) == (409, 409)
    assert second.json() == first.json()
    assert second.headers["content-type"] == first.headers["content-type"] == "application/problem+json"
    assert second.headers["idempotency-replayed"] == "true"


async def test_an_attempt_after_a_failure_finds_what_was_made(client: Any, probe: Probe) -> None:
    probe.fail_after_effect = [Unavailable("away")]
    assert (await send(client)).status_code == 503
    assert (await send(client)).status_code == 201
    assert (probe.calls, await Made.count()) == (2, 1)


async def test_a_key_held_by_a_killed_process_is_taken_over_when_its_lease_ends(
    client: Any, database: Database
) -> None:
    await abandon(database)
    assert (await send(client)).status_code == 409
    await database.engine.fetch("UPDATE idempotency_key SET lease_until = now() - interval '1 second'")
    assert (await send(client)).json()["thing_id"] == "made-before"
    assert await Made.count() == 0


async def test_a_restarted_replica_frees_the_keys_it_held(client: Any, database: Database) -> None:
    await abandon(database)
    assert await release_all(database.engine) == 1
    assert (await send(client)).status_code == 201


async def test_an_attempt_that_was_overtaken_commits_nothing(client: Any, probe: Probe, database: Database) -> None:
    probe.proceed.clear()
    slow = asyncio.create_task(send(client))
    await wait_until(lambda: probe.calls == 1)
    await database.engine.fetch("UPDATE idempotency_key SET lease_until = now() - interval '1 second'")
    second = asyncio.create_task(send(client))
    await wait_until(lambda: probe.calls == 2)
    probe.proceed.set()
    assert sorted([(await slow).status_code, (await second).status_code]) == [201, 409]
    assert await Made.count() == 1


async def test_a_key_may_be_used_again_once_it_has_expired(client: Any, database: Database) -> None:
    await send(client)
    await database.engine.fetch("UPDATE idempotency_key SET expires_at = now() - interval '1 second'")
    answer = await send(client, name="b")
    assert (answer.status_code, answer.json()["name"]) == (201, "b")


async def test_the_header_is_in_the_contract(client: Any) -> None:
    schema = client.app.openapi_schema.to_schema()
    operation = schema["paths"]["/things"]["post"]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["Idempotency-Key"]


async def abandon(database: Database) -> None:
    """Leave the key of the usual request as a process does that is killed after its effect."""
    body = b'{"name":"a"}'
    identity = Identity("service:orders make_thing", "key-1", fingerprint("POST", "/things", b"", body))
    attempt = await claim(database.engine, identity)
    assert isinstance(attempt, Attempt)
    async with transaction():
        await attempt.remember("made-before")
