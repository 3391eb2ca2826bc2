"""Hashing passwords with argon2id, in threads, a few at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from accounts.errors import HashingBusy

MEMORY_KIB = 19_456
ITERATIONS = 2
LANES = 1
"""The smallest setting OWASP recommends for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane."""


class Passwords:
    """Makes and checks password hashes: `parallel` at once, others wait at most `patience` seconds for their turn."""

    def __init__(self, *, parallel: int, patience: float) -> None:
        self._hasher = PasswordHasher(time_cost=ITERATIONS, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._turns = asyncio.Semaphore(parallel)
        self._patience = patience
        self._nobody = self._hasher.hash("nobody's password")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one of the turns to hash; inside, call `hash` or `matches` once.

        Raises:
            HashingBusy: no turn came in time.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise HashingBusy from None
        try:
            yield
        finally:
            self._turns.release()

    async def hash(self, password: str) -> str:
        """The hash to store, with its parameters and salt."""
        return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one whose hash was stored; takes as long when none was stored."""
        return await asyncio.to_thread(self._matches, stored or self._nobody, password) and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except VerificationError:
            return False
