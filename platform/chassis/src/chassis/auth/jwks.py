"""The public keys of issuers, fetched when needed and kept.

However many unknown key IDs come, an issuer's keys are fetched at most once in 30 s; one fetch serves all who wait for
it, who asks for a known key waits for none, and while an issuer cannot be reached its last keys stay good.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from joserfc.jwk import OKPKey
from loguru import logger

from chassis.auth.keys import Jwks, verification_keys
from chassis.errors import Unavailable

Fetch = Callable[[str], Awaitable[Jwks]]
"""The key set an issuer publishes; raises when it cannot be had."""

REFRESH_S = 600.0
UNKNOWN_KID_COOLDOWN_S = 30.0
FAILURE_COOLDOWN_S = 1.0


class IssuerUnavailable(Unavailable):
    """A token cannot be checked, since its issuer's keys cannot be had and none are known from before."""

    reason = "issuer-keys-unavailable"
    title = "The token's issuer cannot be reached"


class _Issuer:
    """What is known of one issuer; times are of the monotonic clock."""

    __slots__ = ("begun_at", "failed_at", "fetched_at", "keys", "refresh")

    def __init__(self) -> None:
        self.keys: dict[str, OKPKey] | None = None
        self.fetched_at = float("-inf")
        self.failed_at = float("-inf")
        self.begun_at = float("-inf")
        self.refresh: asyncio.Task[None] | None = None


class JwksCache:
    """Key sets by issuer. Ask for known issuers only: nothing here bounds their number."""

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._issuers: dict[str, _Issuer] = {}

    async def key(self, issuer: str, kid: str) -> OKPKey | None:
        """The issuer's key with this ID, or None when it publishes no such key.

        Raises:
            IssuerUnavailable: its keys cannot be fetched and none are known.
        """
        known = self._issuers.setdefault(issuer, _Issuer())
        if known.keys is not None and kid in known.keys:
            if self._clock() - known.fetched_at >= REFRESH_S:
                self._begin_refresh(issuer, known)
            return known.keys[kid]
        await self._search(issuer, known)
        if known.keys is None:
            raise IssuerUnavailable(f"The keys of {issuer} cannot be fetched.", retry_after=FAILURE_COOLDOWN_S)
        return known.keys.get(kid)

    async def _search(self, issuer: str, known: _Issuer) -> None:
        """Fetch for the sake of a key not known yet, unless the keys were fetched a moment ago."""
        recent = self._clock() - known.begun_at < UNKNOWN_KID_COOLDOWN_S
        if known.refresh is None and known.keys is not None and recent:
            return
        refresh = self._begin_refresh(issuer, known)
        if refresh is not None:
            await asyncio.shield(refresh)

    def _begin_refresh(self, issuer: str, known: _Issuer) -> "asyncio.Task[None] | None":
        if known.refresh is None and self._clock() - known.failed_at >= FAILURE_COOLDOWN_S:
            known.begun_at = self._clock()
            known.refresh = asyncio.create_task(self._refresh(issuer, known), name=f"jwks {issuer}")
        return known.refresh

    async def _refresh(self, issuer: str, known: _Issuer) -> None:
        try:
            known.keys = verification_keys(await self._fetch(issuer))
            known.fetched_at = self._clock()
        except Exception as error:  # noqa: BLE001 - any failure to fetch means the same: stay with what is known
            known.failed_at = self._clock()
            logger.warning("keys of {} cannot be fetched: {}", issuer, error)
        finally:
            known.refresh = None
