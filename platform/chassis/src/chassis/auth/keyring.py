"""Several keys of one issuer in one file, and when each is signed with: rotation without a restart or an error.

The file holds one private JWK, or a set of them (`{"keys": […]}`). All of them are published. Tokens are signed with
the key whose `use_from` (Unix time, 0 when left out) came last: a new key is written with a time to come, so that every
verifier knows it before the first token signed with it, and the old one stays until its last token has ended.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from loguru import logger

from chassis.auth.keys import Jwks, SigningKey, key_set
from chassis.environment import Secret
from chassis.errors import ConfigurationError

REREAD_S: Final = 2.0
"""The file is looked at that often, at most."""
FILE: Final = "PHAROS_SIGNING_KEY_FILE"


class Signer(Protocol):
    """What tokens are signed with."""

    def current(self) -> SigningKey:
        """The key to sign with now."""
        ...

    def published(self) -> Jwks:
        """The public key set: every key whose tokens may be about."""
        ...


class Turn(NamedTuple):
    """A key, and the Unix time from which it is signed with."""

    use_from: float
    key: SigningKey


class KeyRing:
    """The keys of a file, read anew when it changed; one that cannot be read leaves the keys as they were.

    Raises:
        ConfigurationError: the secret is neither a private Ed25519 JWK nor a set of them.
    """

    def __init__(
        self,
        secret: Secret,
        *,
        source: str = FILE,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._file = secret.source
        self._clock = clock
        self._monotonic = monotonic
        self._turns = read_turns(secret, source)
        self._stamp = _stamp(self._file)
        self._looked_at = monotonic()

    def current(self) -> SigningKey:
        """The key to sign with now."""
        self._look()
        now = self._clock()
        begun = [turn for turn in self._turns if turn.use_from <= now]
        return (begun or self._turns[:1])[-1].key

    def published(self) -> Jwks:
        """The public halves of all keys: of those to come and those just retired, too."""
        self._look()
        return key_set(*(turn.key for turn in self._turns))

    def _look(self) -> None:
        if self._file is None or self._monotonic() - self._looked_at < REREAD_S:
            return
        self._looked_at = self._monotonic()
        stamp = _stamp(self._file)
        if stamp == self._stamp:
            return
        try:
            self._turns = read_turns(Secret(self._file.read_text(encoding="utf-8")), self._source)
        except (ConfigurationError, OSError, UnicodeDecodeError) as error:
            logger.warning("keys are left as they were: {}", error)
            return
        self._stamp = stamp
        logger.info("keys were read anew: {} of them", len(self._turns))


def read_turns(secret: Secret, source: str) -> list[Turn]:
    """The keys of a file's content in the order of their use.

    Raises:
        ConfigurationError: it is neither a private Ed25519 JWK nor a set of them.
    """
    turns = [Turn(_use_from(jwk, source), SigningKey.parse(Secret(json.dumps(jwk)), source=source))
             for jwk in _listed(secret, source)]  # fmt: skip
    return sorted(turns, key=lambda turn: turn.use_from)


def _listed(secret: Secret, source: str) -> list[Any]:
    try:
        document = json.loads(secret.reveal())
    except ValueError:
        document = None
    listed = document.get("keys", [document]) if isinstance(document, dict) else None
    if not isinstance(listed, list) or not listed:
        raise ConfigurationError(source, "is not a JWK", "give an Ed25519 private key as a JWK, or a set of them")
    return listed


def _use_from(jwk: Any, source: str) -> float:
    moment = jwk.get("use_from", 0) if isinstance(jwk, dict) else 0
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise ConfigurationError(source, "has a `use_from` that is no number", "write Unix time in seconds")
    return float(moment)


def _stamp(file: Path | None) -> tuple[int, int] | None:
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino) if found else None
