"""The containers as warden sees them through the proxy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from proxies import GONE, OURS, Proxy, listed, proxy_before_an_engine

from warden.docker.engine import Container, Engine, EngineFailed


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    with proxy_before_an_engine(tmp_path) as proxy:
        yield proxy


async def kept(proxy: Proxy, *found: dict[str, object]) -> list[Container]:
    proxy.containers[:] = found
    return await Engine(proxy.place).listed()


async def test_a_container_is_known_by_its_part_and_number_state_health_and_address(proxy: Proxy) -> None:
    assert await kept(proxy, listed(OURS, status="Up 2 seconds (unhealthy)")) == [
        Container(
            id=OURS,
            part="orders",
            number=1,
            state="running",
            health="unhealthy",
            address="172.18.0.2",
            alive="8080/health/live",
        )
    ]


@pytest.mark.parametrize(
    ("status", "health", "code"),
    [
        ("Up 2 minutes", "", None),
        ("Up About an hour (healthy)", "healthy", None),
        ("Up 1 second (health: starting)", "starting", None),
        ("Up 5 seconds (Paused)", "", None),
        ("Exited (137) 4 seconds ago", "", 137),
        ("Exited (0) Less than a second ago", "", 0),
        ("Created", "", None),
        ("Dead", "", None),
    ],
)
async def test_health_and_exit_code_stand_in_the_engines_words(
    proxy: Proxy, status: str, health: str, code: int | None
) -> None:
    (found,) = await kept(proxy, listed(OURS, status=status))
    assert (found.health, found.code) == (health, code)


async def test_jobs_and_those_that_somebody_runs_once_are_not_kept(proxy: Proxy) -> None:
    job = listed(OURS)
    del job["Labels"]["pharos.alive"]
    once = listed(GONE)
    once["Labels"]["com.docker.compose.oneoff"] = "True"
    assert await kept(proxy, job, once) == []


async def test_a_release_on_trial_is_listed_by_its_labels_and_not_kept(proxy: Proxy) -> None:
    trial = listed(OURS)
    del trial["Labels"]["pharos.alive"]
    trial["Labels"] |= {"pharos.trial": "orders", "pharos.release": "2.0"}
    (found,) = await kept(proxy, trial)
    assert (found.trial, found.release, found.alive) == ("orders", "2.0", "")


async def test_a_label_says_what_only_a_restart_cures(proxy: Proxy) -> None:
    cured = listed(GONE, number=2)
    cured["Labels"]["pharos.unready"] = "restart"
    assert [one.stuck for one in await kept(proxy, listed(OURS), cured)] == [False, True]


async def test_replicas_are_told_apart_by_their_number(proxy: Proxy) -> None:
    found = await kept(proxy, listed(GONE, number=2), listed(OURS))
    assert [one.instance for one in found] == ["orders-1", "orders-2"]


async def test_a_container_is_started_and_stopped_within_a_grace_of_its_own_or_of_ours(proxy: Proxy) -> None:
    (container,) = await kept(proxy, listed(OURS))
    engine = Engine(proxy.place)
    await engine.act("start", container, grace=3)
    await engine.act("stop", container)
    await engine.act("stop", container, grace=1)
    acts = [one for one in proxy.reached if one.startswith("POST")]
    assert acts == [f"POST /containers/{OURS}/{action}" for action in ("start", "stop", "stop?t=1")]


async def test_a_container_that_is_gone_is_said_to_be(proxy: Proxy) -> None:
    gone = Container(id=GONE, part="orders", number=1, state="exited")
    with pytest.raises(EngineFailed) as failed:
        await Engine(proxy.place).act("start", gone)
    assert failed.value.kind == "not-ours"


async def test_a_proxy_that_does_not_answer_is_said_to_and_where_to_look(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed) as failed:
        await Engine(tmp_path / "nothing.sock").listed()
    assert failed.value.kind == "unreachable"
    assert "docker-proxy" in failed.value.hint
