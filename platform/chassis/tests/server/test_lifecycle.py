"""Background jobs and the phases of a process."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.lifecycle import LONGEST_RESTART_S, Background, Lifecycle, Phase, Supervisor, restart_delay


async def test_a_job_that_fails_is_started_again() -> None:
    runs = 0
    well = asyncio.Event()

    async def fragile() -> None:
        nonlocal runs
        runs += 1
        if runs < 3:
            raise ConnectionError("away")
        well.set()
        await asyncio.Event().wait()

    supervisor = Supervisor(jitter=lambda: 0.0)
    supervisor.start([Background("fragile", fragile)])

    await asyncio.wait_for(well.wait(), 5)
    await supervisor.stop(1)
    assert runs == 3


async def test_a_job_that_returns_is_done() -> None:
    runs = 0

    async def once() -> None:
        nonlocal runs
        runs += 1

    supervisor = Supervisor()
    supervisor.start([Background("once", once)])
    await asyncio.sleep(0.05)
    await supervisor.stop(1)

    assert runs == 1


async def test_a_job_may_clean_up_when_it_is_stopped() -> None:
    steps: list[str] = []

    async def tidy() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            steps.append("clean")

    supervisor = Supervisor()
    supervisor.start([Background("tidy", tidy)])
    await asyncio.sleep(0)
    await supervisor.stop(1)

    assert steps == ["clean"]


async def test_a_job_that_will_not_stop_does_not_hold_up_the_end() -> None:
    released = asyncio.Event()

    async def stubborn() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    supervisor = Supervisor()
    supervisor.start([Background("stubborn", stubborn)])
    await asyncio.sleep(0)

    await asyncio.wait_for(supervisor.stop(0.1), 1)
    released.set()


async def test_two_jobs_of_one_name_are_refused() -> None:
    async def job() -> None: ...

    supervisor = Supervisor()
    with pytest.raises(ValueError, match="two background jobs are named 'sweep'"):
        supervisor.start([Background("sweep", job), Background("sweep", job)])
    await supervisor.stop(1)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_delay_before_a_restart_grows_to_a_bound(failures: int, jitter: float) -> None:
    delay = restart_delay(failures, jitter)

    assert 0.125 <= delay <= LONGEST_RESTART_S
    assert restart_delay(failures + 1, jitter) >= delay


@given(st.lists(st.sampled_from(Phase)))
def test_a_process_never_goes_back_to_an_earlier_phase(phases: list[Phase]) -> None:
    lifecycle = Lifecycle()
    order = list(Phase)
    for phase in phases:
        before = lifecycle.phase
        lifecycle.advance(phase)
        assert order.index(lifecycle.phase) >= order.index(before)
