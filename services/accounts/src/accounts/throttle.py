"""Counting failed log-ins in the database, so that the limit holds over all replicas and restarts."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from accounts.domain import Failures, ThrottlePolicy, count_failure, wait_before_attempt
from accounts.tables import LoginFailure
from chassis.persistence import transaction

Keys = Mapping[str, ThrottlePolicy]
"""The keys a log-in is counted under, each with its policy."""


def email_key(email: str) -> str:
    """The key of an e-mail address."""
    return _hashed(f"email {email}")


def client_key(address: str) -> str:
    """The key of a client's network address."""
    return _hashed(f"client {address}")


async def remaining_wait(keys: Keys, now: datetime) -> timedelta:
    """How long the next attempt under all of these keys has to wait; zero when it may be made now."""
    rows = await LoginFailure.objects().where(LoginFailure.key.is_in(list(keys)))
    waits = [wait_before_attempt(_failures(row), now=now, policy=keys[row.key]) for row in rows]
    return max(waits, default=timedelta(0))


async def record_failure(keys: Keys, now: datetime) -> None:
    """Count one more failure under each key."""
    ordered = sorted(keys)
    async with transaction():
        fresh = [LoginFailure(key=key, failures=0, since=now) for key in ordered]
        await LoginFailure.insert(*fresh).on_conflict(action="DO NOTHING")
        rows = LoginFailure.objects().where(LoginFailure.key.is_in(ordered)).order_by(LoginFailure.key)
        for row in await rows.lock_rows("UPDATE"):
            failures = count_failure(_failures(row), now=now, policy=keys[row.key])
            await LoginFailure.update(
                {LoginFailure.failures: failures.count, LoginFailure.since: failures.since}
            ).where(LoginFailure.key == row.key)


async def forget(key: str) -> None:
    """Forget the failures under this key, after a success."""
    await LoginFailure.delete().where(LoginFailure.key == key)


async def sweep(before: datetime) -> None:
    """Remove what was counted in windows that began before this moment."""
    await LoginFailure.delete().where(LoginFailure.since < before)


def _failures(row: LoginFailure) -> Failures:
    return Failures(count=row.failures, since=row.since)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
