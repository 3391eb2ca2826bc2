"""Telling a good token from any other."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis.auth.compact import read_compact
from chassis.auth.keys import ALGORITHM
from chassis.auth.tokens import REGISTRY
from chassis.errors import Unauthenticated

SKEW_S = 30
"""How far two machines' clocks may be apart."""
LONGEST_TOKEN = 4096
"""Characters; ours have some 350."""


class TokenRejected(Unauthenticated):
    """The token is not one this service accepts; the detail says why, and holds nothing of the token."""

    reason = "token-invalid"
    title = "Token not accepted"


class TokenExpired(TokenRejected):
    """The token was good once."""

    reason = "token-expired"
    title = "Token expired"


class KeySource(Protocol):
    """Where the public keys of an issuer come from."""

    async def key(self, issuer: str, kid: str) -> OKPKey | None:
        """The issuer's key with this ID, or None when the issuer has none such."""
        ...


class Claims(msgspec.Struct, frozen=True):
    """The claims every token of ours has (RFC 9068 §2.2)."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: float
    iat: float
    jti: str
    client_id: str = ""
    nbf: float = 0.0


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing else stands in a header of ours: no key to verify with, no critical extension, no other encoding."""

    alg: str
    typ: str
    kid: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a kind of token must be: its type, its audience, who issues it, how long it lives at most (seconds)."""

    typ: str
    audience: str
    issuers: Collection[str]
    longest_life: float


async def verify(token: str, profile: Profile, keys: KeySource, *, now: float) -> Claims:
    """The claims of a token that fits the profile and whose signature is its issuer's; `now` is Unix time.

    The issuer is read before the signature is checked, only to choose whose keys must have made it.

    Raises:
        TokenRejected: saying which rule the token breaks.
    """
    header, claims = _read(token)
    if header.alg != ALGORITHM or header.typ.lower() != profile.typ:
        raise TokenRejected(f"The token is not of type {profile.typ} signed with {ALGORITHM}.")
    if claims.iss not in profile.issuers:
        raise TokenRejected("The token's issuer is not one this service accepts.")
    key = await keys.key(claims.iss, header.kid)
    if key is None:
        raise TokenRejected("The token is signed with a key its issuer does not publish.")
    _check_signature(token, key)
    _check_claims(claims, profile, now)
    return claims


def _read(token: str) -> tuple[_Header, Claims]:
    if len(token) > LONGEST_TOKEN:
        raise TokenRejected("The token is too long.")
    try:
        unverified = read_compact(token)
        return msgspec.convert(unverified.header, _Header), msgspec.convert(unverified.payload, Claims)
    except (ValueError, msgspec.MsgspecError):
        raise TokenRejected("The token is malformed or lacks a claim.") from None


def _check_signature(token: str, key: OKPKey) -> None:
    try:
        jws.deserialize_compact(token, key, registry=REGISTRY)
    except (JoseError, ValueError, TypeError):
        raise TokenRejected("The token's signature is wrong.") from None


def _check_claims(claims: Claims, profile: Profile, now: float) -> None:
    audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    if profile.audience not in audiences:
        raise TokenRejected("The token is meant for another audience.")
    if claims.exp <= now - SKEW_S:
        raise TokenExpired("The token has expired.")
    if max(claims.iat, claims.nbf) > now + SKEW_S:
        raise TokenRejected("The token is not valid yet.")
    if claims.exp - claims.iat > profile.longest_life:
        raise TokenRejected("The token lives longer than allowed.")
    if not claims.sub or not claims.jti:
        raise TokenRejected("The token lacks a subject or an identifier.")
