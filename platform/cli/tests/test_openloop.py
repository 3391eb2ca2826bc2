"""The load generator keeps to its schedule and counts from it."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.openloop import Sample, drive, percentile, report_of, schedule


@given(st.floats(0.5, 500), st.integers(1, 300))
def test_a_schedule_is_even_and_ends_at_its_count(rate: float, count: int) -> None:
    times = list(schedule(rate, count, None))

    assert len(times) == count
    assert times[0] == 0
    assert all(later - earlier == pytest.approx(1 / rate) for earlier, later in pairwise(times))


@given(st.floats(0.5, 100), st.floats(0.1, 5))
def test_a_schedule_ends_at_its_time(rate: float, seconds: float) -> None:
    assert all(time < seconds for time in schedule(rate, None, seconds))


def test_whichever_bound_is_reached_first_ends_the_schedule() -> None:
    assert len(list(schedule(10, 100, 1.0))) == 10
    assert len(list(schedule(10, 3, 1.0))) == 3


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(1, 100))
def test_a_percentile_is_one_of_the_values_and_covers_its_share(values: list[float], rank: float) -> None:
    found = percentile(values, rank)

    assert any(found == round(value, 3) for value in values)
    assert sum(value <= found + 0.001 for value in values) >= rank / 100 * len(values) - 1e-6


async def test_a_slow_answer_delays_no_later_request_and_its_wait_is_counted() -> None:
    release = asyncio.Event()
    starts: list[float] = []

    async def request() -> tuple[bool, str]:
        starts.append(asyncio.get_running_loop().time())
        if len(starts) == 5:
            release.set()
        await release.wait()
        return True, "id"

    samples: list[Sample] = []
    await drive(schedule(100, 5, None), request, samples)

    assert len(samples) == 5
    assert max(sample.latency_ms for sample in samples) >= 40


def test_a_run_whose_own_lag_is_over_ten_milliseconds_is_not_valid() -> None:
    punctual, late = Sample(True, 20, 1, "a"), Sample(True, 20, 11, "b")

    assert report_of([punctual], [])["valid"] is True
    assert report_of([punctual, late], [])["valid"] is False
    assert report_of([punctual], [late])["valid"] is False
    assert report_of([], [])["valid"] is False


def test_the_report_lists_the_orders_and_counts_their_failures() -> None:
    document = report_of([Sample(True, 10, 0, "a"), Sample(False, 30, 0, "b"), Sample(False, 50, 0)], [])

    assert (document["sent"], document["ok"], document["failed"]) == (3, 1, 2)
    assert document["correlation_ids"] == ["a"]
    assert document["failed_correlation_ids"] == ["b"]
    assert (document["p50_ms"], document["p99_ms"]) == (30, 50)
