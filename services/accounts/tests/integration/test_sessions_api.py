"""Logging in over HTTP: tokens, refusals and the throttle."""

import asyncio
import base64
import json
import statistics
import time
from uuid import uuid4

from conftest import DEMO_PASSWORD, PASSWORD, Answer, System


async def test_an_access_token_is_as_rfc_9068_wants_it(system: System) -> None:
    customer = (await system.register()).body
    answer = await system.log_in(customer["email"].upper())
    assert answer.status == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 900)
    header, claims = (
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in answer.body["access_token"].split(".")[:2]
    )
    published = (await system.call("GET", "/.well-known/jwks.json")).body["keys"]
    assert (header["typ"], header["alg"]) == ("at+jwt", "EdDSA")
    assert header["kid"] in {key["kid"] for key in published}
    assert not any("d" in key for key in published)
    assert {"iss": "accounts", "aud": "pharos", "client_id": "pharos"}.items() <= claims.items()
    assert claims["sub"] == customer["customer_id"]
    assert claims["exp"] - claims["iat"] == 900
    assert claims["jti"]


async def test_the_demo_customer_of_the_seed_can_log_in(system: System) -> None:
    system.seed()
    answer = await system.log_in("demo@pharos.example", DEMO_PASSWORD)
    assert answer.status == 201
    profile = await system.call("GET", "/customers/me", token=answer.body["access_token"])
    assert profile.body["email"] == "demo@pharos.example"


async def test_wrong_password_and_unknown_address_are_answered_alike(system: System) -> None:
    customer = (await system.register()).body
    wrong = await system.log_in(customer["email"], "not the password", client="192.0.2.1")
    unknown = await system.log_in(f"{uuid4().hex}@example.org", client="192.0.2.1")
    assert (wrong.status, wrong.reason) == (unknown.status, unknown.reason) == (401, "invalid-credentials")
    assert wrong.body["detail"] == unknown.body["detail"]


async def test_an_unknown_address_takes_as_long_as_a_wrong_password(system: System) -> None:
    """Both hash: neither takes less than half of the other's time."""
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for _ in range(7):
        known = (await system.register()).body["email"]
        for kind, email in (("known", known), ("unknown", f"{uuid4().hex}@example.org")):
            began = time.perf_counter()
            await system.log_in(email, "not the password", client="192.0.2.2")
            times[kind].append(time.perf_counter() - began)
    known, unknown = (statistics.median(times[kind]) for kind in ("known", "unknown"))
    assert 0.5 < known / unknown < 2


async def test_the_eleventh_failure_for_an_address_has_to_wait(system: System) -> None:
    email = (await system.register()).body["email"]
    for attempt in range(10):
        assert (await system.log_in(email, "not the password", client=f"192.0.2.{100 + attempt}")).status == 401
    refused = await system.log_in(email, PASSWORD, client="192.0.2.200")
    assert (refused.status, refused.reason) == (429, "login-throttled")
    assert 0 < int(refused.headers["Retry-After"]) <= 900


async def test_a_success_clears_the_failures_of_the_address(system: System) -> None:
    email = (await system.register()).body["email"]
    for _ in range(2):
        for _ in range(9):
            await system.log_in(email, "not the password", client="192.0.2.3")
        assert (await system.log_in(email, client="192.0.2.3")).status == 201


async def test_one_client_guessing_at_many_addresses_has_to_wait(system: System) -> None:
    for _ in range(20):
        answers = await asyncio.gather(
            *(system.log_in(f"{uuid4().hex}@example.org", client="192.0.2.4") for _ in range(5))
        )
        assert {answer.status for answer in answers} == {401}
    assert (await system.log_in(f"{uuid4().hex}@example.org", client="192.0.2.4")).status == 429
    assert (await system.log_in(f"{uuid4().hex}@example.org", client="192.0.2.5")).status == 401


async def test_a_client_cannot_choose_its_own_address(system: System) -> None:
    """Only the edge's word on the caller's address counts."""
    body = {"email": f"{uuid4().hex}@example.org", "password": PASSWORD}
    await system.rows("DELETE FROM login_failure")
    for forged in ("198.51.100.1", "198.51.100.2"):
        await system.call("POST", "/sessions", json=body, headers={"X-Forwarded-For": forged})
    counted = await system.rows("SELECT failures FROM login_failure ORDER BY failures")
    assert [row["failures"] for row in counted] == [2, 2]


async def test_guesses_at_the_same_time_do_not_slip_through(system: System) -> None:
    """At most as many as are hashed at once pass beyond the limit."""
    email = (await system.register()).body["email"]

    async def guess(number: int) -> Answer:
        """One guess; it is made again where the service was too busy for it."""
        while True:
            answer = await system.log_in(email, "not the password", client=f"203.0.113.{number}")
            if answer.status != 503:
                return answer
            await asyncio.sleep(float(answer.headers["Retry-After"]))

    async with asyncio.timeout(60):
        answers = await asyncio.gather(*map(guess, range(18)))
    assert 10 <= sum(answer.status == 401 for answer in answers) <= 12
    assert {answer.status for answer in answers} == {401, 429}


async def test_neither_addresses_nor_passwords_are_logged(system: System) -> None:
    email, password = f"{uuid4().hex}@example.org", f"a secret {uuid4().hex}"
    await system.register(email, password=password)
    await system.log_in(email, password)
    await system.log_in(email, f"wrong {password}")
    await system.register(email, password="short")
    log = system.server.log.read_text()
    assert email not in log
    assert password not in log
    assert email not in str(await system.rows("SELECT * FROM login_failure"))
