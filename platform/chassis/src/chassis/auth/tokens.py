"""JSON Web Tokens as this system uses them (RFC 7519, 8725, 9068): one algorithm, explicit types, short lives.

A service token (`svc+jwt`) says which service calls which other one. An access token (`at+jwt`, RFC 9068) says which
person is signed in. Neither is ever accepted in place of the other.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jws import JWSRegistry

from chassis.auth.keyring import Signer
from chassis.auth.keys import ALGORITHM, CURVE

SERVICE_TYPE = "svc+jwt"
USER_TYPE = "at+jwt"
USER_AUDIENCE = "pharos"

SERVICE_LIFETIME_S = 300
RENEW_BEFORE_S = 60
"""A cached token is replaced while it still has this long to live, so that none expires on the way."""


class Ed25519Only(JWSRegistry):
    """Knows one algorithm, whatever a token's header asks for (RFC 8725 §3.1).

    Its name on the wire is `EdDSA` (RFC 8037), which more verifiers know than RFC 9864's `Ed25519`. The curve is
    pinned as well.
    """

    def get_alg(self, name: str) -> Any:
        """The algorithm, if it is the one."""
        return self.algorithms[CURVE] if name == ALGORITHM else super().get_alg(name)


REGISTRY = Ed25519Only(algorithms=[ALGORITHM])


def issue(
    signer: Signer, claims: Mapping[str, Any], *, typ: str, lifetime: float, clock: Callable[[], float] = time.time
) -> str:
    """A signed token of the type with the claims, and `iat`, `exp` (`lifetime` seconds later) and a random `jti`."""
    now = int(clock())
    key = signer.current()
    header = {"alg": ALGORITHM, "typ": typ, "kid": key.kid}
    body = {**claims, "iat": now, "exp": now + int(lifetime), "jti": secrets.token_urlsafe(16)}
    return jwt.encode(header, body, key.key, registry=REGISTRY)


def issue_user_token(
    signer: Signer, *, issuer: str, subject: str, client: str, lifetime: float, clock: Callable[[], float] = time.time
) -> str:
    """An access token (RFC 9068 §2.2) that says `subject` is signed in with `client`."""
    claims = {"iss": issuer, "sub": subject, "aud": USER_AUDIENCE, "client_id": client}
    return issue(signer, claims, typ=USER_TYPE, lifetime=lifetime, clock=clock)


@dataclass(frozen=True, slots=True)
class _Issued:
    token: str
    kid: str
    renew_at: float


class ServiceTokens:
    """Issues this service's own tokens: one per audience, used until shortly before it ends or its key's turn does."""

    def __init__(self, service: str, signer: Signer, *, clock: Callable[[], float] = time.time) -> None:
        self._service = service
        self._signer = signer
        self._clock = clock
        self._issued: dict[str, _Issued] = {}

    def token_for(self, audience: str) -> str:
        """A token that the service `audience` accepts for at least another minute."""
        issued = self._issued.get(audience)
        kid = self._signer.current().kid
        if issued is None or issued.kid != kid or self._clock() >= issued.renew_at:
            issued = self._issued[audience] = self._issue(audience, kid)
        return issued.token

    def _issue(self, audience: str, kid: str) -> _Issued:
        claims = {"iss": self._service, "sub": self._service, "aud": audience}
        token = issue(self._signer, claims, typ=SERVICE_TYPE, lifetime=SERVICE_LIFETIME_S, clock=self._clock)
        return _Issued(token, kid, self._clock() + SERVICE_LIFETIME_S - RENEW_BEFORE_S)
