"""What the health routes say."""

import asyncio

from litestar import Litestar
from litestar.testing import AsyncTestClient
from shop import Dependency

from chassis.lifecycle import Phase
from chassis.plugin import ChassisPlugin
from testkit import wait_until

Client = AsyncTestClient[Litestar]


async def test_a_started_process_is_started_alive_and_ready(client: Client) -> None:
    for path in ("/health/startup", "/health/live", "/health/ready"):
        answer = await client.get(path)

        body = answer.json()
        assert answer.status_code == 200
        assert (body["status"], body["service"], body["instance"], body["version"]) == ("ok", "shop", "shop-1", "1.2.3")


async def test_ready_names_the_check_that_failed_and_why(client: Client, dependency: Dependency) -> None:
    dependency.failure = ConnectionRefusedError("the till does not answer")

    answer = await client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["status"] == "failing"
    till = answer.json()["checks"]["till"]
    assert (till["status"], till["detail"]) == ("failing", "the till does not answer")
    assert till["age_ms"] >= 0


async def test_a_check_that_hangs_is_cut_off(client: Client, dependency: Dependency) -> None:
    dependency.delay = 30

    answer = await asyncio.wait_for(client.get("/health/ready"), 2)

    assert answer.json()["checks"]["till"]["detail"] == "no answer within 0.2 s"


async def test_ready_recovers_with_its_dependency(client: Client, dependency: Dependency) -> None:
    dependency.failure = OSError("gone")
    assert (await client.get("/health/ready")).status_code == 503
    dependency.failure = None

    async def recovered() -> bool:
        return (await client.get("/health/ready")).status_code == 200

    await wait_until(recovered)


async def test_a_result_is_used_for_a_while(client: Client, dependency: Dependency) -> None:
    await asyncio.gather(*(client.get("/health/ready") for _ in range(10)))

    assert dependency.asked == 1


async def test_live_never_asks_a_dependency(client: Client, dependency: Dependency) -> None:
    dependency.failure = OSError("gone")

    assert (await client.get("/health/live")).status_code == 200
    assert (await client.get("/health/startup")).status_code == 200
    assert dependency.asked == 0


async def test_a_draining_process_is_alive_and_not_ready(client: Client, plugin: ChassisPlugin) -> None:
    plugin.lifecycle.advance(Phase.DRAINING)

    ready = await client.get("/health/ready")

    assert (ready.status_code, ready.json()["status"]) == (503, "draining")
    assert (await client.get("/health/live")).status_code == 200
