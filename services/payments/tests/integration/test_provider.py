"""A provider that is late, silent or says everything twice."""

import asyncio
from uuid import uuid4

import aiohttp

from conftest import System
from testkit.waiting import wait_until


async def test_a_silent_provider_is_found_out_by_asking_again_with_the_same_key(system: System) -> None:
    order_id, key = str(uuid4()), str(uuid4())
    silent = await system.authorise("tok_timeout", order_id=order_id, key=key)
    assert (silent.status, silent.reason) == (504, "provider-silent")
    assert silent.headers["X-Upstream-Retried"] == "true"
    again = await system.authorise("tok_timeout", order_id=order_id, key=key)
    assert (again.status, again.body["status"]) == (201, "authorised")
    assert again.body["payment_id"] == silent.body["payment_id"]
    assert await system.ledger(again.body["payment_id"]) == {"customer_receivable": 2500, "authorised_holds": -2500}


async def test_a_silent_provider_is_found_out_in_the_background(system: System) -> None:
    """Nobody asks again, and the payment is authorised all the same."""
    silent = await system.authorise("tok_timeout", minor=3303)
    payment_id = silent.body["payment_id"]
    assert (await system.payment(payment_id))["status"] == "pending"
    await system.until(payment_id, "authorised")
    asked = await system.rows("SELECT requests FROM sandbox_operation WHERE amount_minor = 3303")
    assert [row["requests"] for row in asked] == [2]
    assert await system.ledger(payment_id) == {"customer_receivable": 3303, "authorised_holds": -3303}


async def test_voiding_a_pending_payment_finds_out_first(system: System) -> None:
    payment_id = (await system.authorise("tok_timeout")).body["payment_id"]
    voided = await system.call("POST", f"/payments/{payment_id}/void")
    assert (voided.status, voided.body["status"]) == (200, "voided")
    assert await system.ledger(payment_id) == {}


async def test_an_answer_delivered_twice_has_one_effect(system: System) -> None:
    before = await _duplicates(system)
    answer = await system.authorise("tok_duplicate")
    assert (answer.status, answer.body["status"]) == (201, "authorised")
    journals = await system.rows("SELECT kind FROM journal WHERE payment_id = $1", answer.body["payment_id"])
    assert [row["kind"] for row in journals] == ["authorise"]
    assert await _duplicates(system) == before + 1


async def test_a_slow_provider_is_waited_for(system: System) -> None:
    answer = await system.authorise("tok_slow")
    assert (answer.status, answer.body["status"]) == (201, "authorised")


async def test_a_process_killed_while_the_provider_is_silent_loses_nothing(system: System) -> None:
    """The operation was written down before the provider was told of it, so the next process takes it up."""
    order_id, key = str(uuid4()), str(uuid4())
    asked = asyncio.create_task(system.authorise("tok_timeout", minor=4400, order_id=order_id, key=key))
    await wait_until(lambda: system.rows("SELECT 1 FROM sandbox_operation WHERE amount_minor = 4400"))
    system.server.kill()
    await asyncio.gather(asked, return_exceptions=True)
    system.server.start()
    (row,) = await system.rows("SELECT payment_id FROM payment WHERE order_id = $1", order_id)
    payment = await system.until(str(row["payment_id"]), "authorised")
    again = await system.authorise("tok_timeout", minor=4400, order_id=order_id, key=key)
    assert (again.status, again.body["payment_id"]) == (201, payment["payment_id"])
    assert await system.ledger(payment["payment_id"]) == {"customer_receivable": 4400, "authorised_holds": -4400}


async def _duplicates(system: System) -> float:
    """Answers that had no effect since another was there first."""
    async with aiohttp.ClientSession() as session, session.get(f"{system.server.url}/metrics") as answer:
        text = await answer.text()
    wanted = 'payments_operations_total{payment_operation="authorise",payment_outcome="duplicate"} '
    return float(next(line for line in text.splitlines() if line.startswith(wanted)).removeprefix(wanted))


async def test_a_provider_that_fails_is_asked_again_until_it_does_not(system: System) -> None:
    failing = await system.authorise("tok_unavailable", minor=5500)
    assert (failing.status, failing.reason) == (504, "provider-silent")
    payment_id = failing.body["payment_id"]
    await system.until(payment_id, "authorised")
    assert await system.ledger(payment_id) == {"customer_receivable": 5500, "authorised_holds": -5500}
    asked = await system.rows("SELECT requests FROM sandbox_operation WHERE amount_minor = 5500")
    assert [row["requests"] for row in asked] == [3]
