"""Failures are counted in the database, for all replicas."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from accounts import throttle
from accounts.domain import ThrottlePolicy
from accounts.tables import LoginFailure

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = ThrottlePolicy(limit=3, window=timedelta(minutes=10))
KEYS = {throttle.email_key("ada@example.org"): POLICY, throttle.client_key("192.0.2.1"): POLICY}


async def test_no_failure_is_lost_when_many_are_counted_at_once() -> None:
    await asyncio.gather(*(throttle.record_failure(KEYS, NOW) for _ in range(20)))
    assert {row.failures for row in await LoginFailure.objects()} == {20}
    assert await throttle.remaining_wait(KEYS, NOW) == timedelta(minutes=10)


async def test_a_window_that_has_ended_counts_no_more() -> None:
    for _ in range(3):
        await throttle.record_failure(KEYS, NOW)
    later = NOW + POLICY.window
    assert await throttle.remaining_wait(KEYS, later) == timedelta(0)
    await throttle.record_failure(KEYS, later)
    assert {(row.failures, row.since) for row in await LoginFailure.objects()} == {(1, later)}


async def test_sweeping_removes_only_what_counts_no_more() -> None:
    await throttle.record_failure({throttle.client_key("old"): POLICY}, NOW)
    await throttle.record_failure({throttle.client_key("new"): POLICY}, NOW + timedelta(minutes=5))
    await throttle.sweep(NOW + timedelta(minutes=1))
    assert [row.key for row in await LoginFailure.objects()] == [throttle.client_key("new")]
