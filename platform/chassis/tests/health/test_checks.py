"""Readiness checks are bounded, whoever asks."""

import asyncio
import time

from chassis.health import Check, HealthChecks


async def hang() -> None:
    await asyncio.sleep(30)


async def well() -> None:
    """All is well."""


async def test_who_waits_a_moment_only_gets_what_is_known() -> None:
    checks = HealthChecks([Check("quick", well), Check("slow", hang, timeout=20)])
    began = time.monotonic()

    known = await checks.known(0.1)

    assert time.monotonic() - began < 5
    assert {name: result.status for name, result in known.items()} == {"quick": "ok"}
    assert checks.names() == ("quick", "slow")


async def test_an_impatient_reader_does_not_end_the_check_for_others() -> None:
    go_on = asyncio.Event()

    async def slow() -> None:
        await go_on.wait()

    checks = HealthChecks([Check("slow", slow, timeout=20)])
    patient = asyncio.create_task(checks.results())
    assert await checks.known(0.05) == {}
    go_on.set()

    assert (await patient)["slow"].status == "ok"
    assert (await checks.known(0.05))["slow"].status == "ok"


async def test_the_last_result_is_shown_while_a_new_one_is_awaited() -> None:
    now = 0.0
    delay = asyncio.Event()
    delay.set()

    async def sometimes_slow() -> None:
        await delay.wait()

    checks = HealthChecks([Check("store", sometimes_slow, timeout=20, ttl=1.0)], clock=lambda: now)
    await checks.results()
    delay.clear()
    now = 2.0

    known = await checks.known(0.05)

    assert (known["store"].status, known["store"].at) == ("ok", 0.0)
