"""Idempotency keys in the service's own database: who may do the work, and what the answer was."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from loguru import logger

from chassis.idempotency.errors import AttemptSuperseded, KeyInFlight, KeyReused
from chassis.idempotency.identity import Identity
from chassis.ids import uuid7
from chassis.persistence.engine import Engine, current_transaction
from chassis.persistence.errors import DatabaseUnavailable

LEASE_S: Final = 15.0
"""An attempt that has not ended after this long is taken for dead. Three times what the edge gives a request; one that
its caller let run longer may be overtaken, which `remember` refuses to commit."""
KEEP_S: Final = 7 * 86_400.0

_CLAIM: Final = (
    "INSERT INTO idempotency_key AS held (scope, key, fingerprint, owner, lease_until, expires_at) "
    "VALUES ($1, $2, $3, $4, now() + $5 * interval '1 second', now() + $6 * interval '1 second') "
    "ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, owner = excluded.owner, "
    "lease_until = excluded.lease_until, expires_at = excluded.expires_at, status = NULL, headers = NULL, body = NULL, "
    "reference = CASE WHEN held.expires_at < now() THEN NULL ELSE held.reference END "
    "WHERE held.expires_at < now() OR (held.status IS NULL AND held.lease_until < now() "
    "AND held.fingerprint = excluded.fingerprint) RETURNING id, reference"
)
_READ: Final = "SELECT fingerprint, status, headers, body FROM idempotency_key WHERE scope = $1 AND key = $2"
_REMEMBER: Final = (
    "UPDATE idempotency_key SET reference = $3 WHERE id = $1 AND owner = $2 AND status IS NULL RETURNING 1"
)
_COMPLETE: Final = (
    "UPDATE idempotency_key SET status = $3, headers = $4, body = $5 WHERE id = $1 AND owner = $2 RETURNING 1"
)
_RELEASE: Final = "UPDATE idempotency_key SET lease_until = '-infinity' WHERE id = $1 AND owner = $2 AND status IS NULL"
_RELEASE_ALL: Final = (
    "UPDATE idempotency_key SET lease_until = '-infinity' WHERE status IS NULL AND starts_with(owner, $1 || '/') "
    "RETURNING 1"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it was sent."""

    status: int
    headers: dict[str, str]
    body: bytes


class Attempt:
    """The right to do the work of a key, held by one request at a time.

    Attributes:
        key: the caller's key, for handing on to others.
        reference: what an earlier attempt, which did not live to answer, had asked to be reminded of.
    """

    __slots__ = ("_engine", "_id", "_owner", "key", "reference")

    def __init__(self, engine: Engine, number: int, owner: str, key: str, reference: str | None) -> None:
        self._engine = engine
        self._id = number
        self._owner = owner
        self.key = key
        self.reference = reference

    async def remember(self, reference: str) -> None:
        """Tie the key to what the open transaction makes, so that an attempt after a crash finds it in `reference`.

        Raises:
            NoTransaction: called outside `transaction()`.
            AttemptSuperseded: another attempt has taken over; the transaction must not commit.
        """
        if not await current_transaction().engine.fetch(_REMEMBER, (self._id, self._owner, reference)):
            raise AttemptSuperseded
        self.reference = reference

    async def complete(self, answer: Answer) -> None:
        """Keep the answer for whoever asks again. One that cannot be kept is logged: the work itself is done."""
        row = (self._id, self._owner, answer.status, msgspec.json.encode(answer.headers).decode(), answer.body)
        try:
            kept = await self._engine.fetch(_COMPLETE, row)
        except DatabaseUnavailable as error:
            logger.warning("the answer to an idempotent request is not kept: {}", error)
            return
        if not kept:
            logger.warning("an idempotent request took so long that another attempt has taken over")

    async def release(self) -> None:
        """Let the next request with this key try at once. Failing that, it may once the lease has run out."""
        try:
            await self._engine.fetch(_RELEASE, (self._id, self._owner))
        except DatabaseUnavailable as error:
            logger.warning("an idempotency key stays taken for {} s: {}", LEASE_S, error)


async def claim(engine: Engine, identity: Identity, *, lease: float = LEASE_S) -> Attempt | Answer:
    """The right to do the work, or the answer that was given to it.

    Raises:
        KeyReused: the key stands for another request.
        KeyInFlight: the first request is still being answered.
        DatabaseUnavailable: the database is away.
    """
    owner = f"{engine.settings.application}/{uuid7()}"
    row = (identity.scope, identity.key, identity.fingerprint, owner, lease, KEEP_S)
    if claimed := await engine.fetch(_CLAIM, row):
        return Attempt(engine, claimed[0]["id"], owner, identity.key, claimed[0]["reference"])
    held = await engine.fetch(_READ, (identity.scope, identity.key))
    return judge(held[0] if held else None, identity)


def judge(held: Any, identity: Identity) -> Answer:
    """The answer a key already has.

    Raises:
        KeyReused: it stands for another request.
        KeyInFlight: it has none yet.
    """
    if held is not None and held["fingerprint"] != identity.fingerprint:
        raise KeyReused("Use a new key for a new request; this one stands for a request with other content.")
    if held is None or held["status"] is None:
        raise KeyInFlight("The first request with this key is still being answered. Ask again in a moment.")
    return Answer(held["status"], msgspec.json.decode(held["headers"], type=dict[str, str]), bytes(held["body"]))


async def release_all(engine: Engine) -> int:
    """Free the keys of this replica's former process, which was killed while it held them; how many those were."""
    return len(await engine.fetch(_RELEASE_ALL, (engine.settings.application,)))
