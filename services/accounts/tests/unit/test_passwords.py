"""Hashing: argon2id, a few at a time, and never for ever."""

import asyncio

import pytest

from accounts.errors import HashingBusy
from accounts.passwords import Passwords


async def test_a_hash_is_argon2id_with_the_recommended_cost_and_its_own_salt() -> None:
    passwords = Passwords(parallel=1, patience=1)
    first, second = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert not passwords.outdated(first)


async def test_only_the_right_password_matches_and_nobody_matches_nothing() -> None:
    passwords = Passwords(parallel=1, patience=1)
    stored = await passwords.hash("correct horse")
    assert await passwords.matches(stored, "correct horse")
    assert not await passwords.matches(stored, "correct house")
    assert not await passwords.matches(None, "nobody's password")


async def test_a_hash_of_cheaper_parameters_is_outdated() -> None:
    cheap = "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert Passwords(parallel=1, patience=1).outdated(cheap)


async def test_whoever_waits_too_long_for_a_turn_is_told_to_come_back() -> None:
    passwords = Passwords(parallel=1, patience=0.05)
    async with passwords.turn():
        with pytest.raises(HashingBusy) as caught:
            async with passwords.turn():
                pytest.fail("there is one turn")
    assert caught.value.retry_after == 1
    async with asyncio.timeout(1), passwords.turn():
        pass
