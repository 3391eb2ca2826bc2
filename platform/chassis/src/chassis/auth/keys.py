"""Ed25519 keys as JSON Web Keys (RFC 8037): a service's own private key, and the public keys of others."""

import json
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis.environment import Secret
from chassis.errors import ConfigurationError

Jwks = dict[str, Any]
"""A JSON Web Key Set (RFC 7517 §5)."""

ALGORITHM = "EdDSA"
CURVE: Final = "Ed25519"


class SigningKey:
    """A private key with its key ID; it never shows itself."""

    def __init__(self, key: OKPKey, kid: str) -> None:
        self.key = key
        self.kid = kid

    @classmethod
    def parse(cls, jwk: Secret, *, source: str = "PHAROS_SIGNING_KEY_FILE") -> "SigningKey":
        """Read a private JWK; `source` names it in errors.

        Raises:
            ConfigurationError: it is not a private Ed25519 JWK with a `kid`.
        """
        fix = "give an Ed25519 private key as a JWK (kty OKP, crv Ed25519, x, d, kid)"
        try:
            members = json.loads(jwk.reveal())
            key = _import(members, "x", "d")
        except (ValueError, TypeError, KeyError, JoseError):
            raise ConfigurationError(source, "is not a JWK", fix) from None
        kid = members.get("kid")
        if members.get("crv") != CURVE or not isinstance(kid, str) or not kid:
            raise ConfigurationError(source, "is not an Ed25519 key with a kid", fix)
        return cls(key, kid)

    def current(self) -> "SigningKey":
        """The key to sign with now: this one, as it never changes; a `KeyRing` has several."""
        return self

    def published(self) -> Jwks:
        """The public key set."""
        return key_set(self)

    def public(self) -> dict[str, Any]:
        """The public half as a JWK."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "use": "sig", "alg": ALGORITHM}

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r})"


def generate(kid: str) -> dict[str, Any]:
    """A new private JWK under this key ID."""
    return {**OKPKey.generate_key(CURVE).as_dict(private=True), "kid": kid, "use": "sig", "alg": ALGORITHM}


def key_set(*keys: SigningKey) -> Jwks:
    """The public key set to publish."""
    return {"keys": [key.public() for key in keys]}


def public_key_set(text: str, *, source: str) -> Jwks:
    """Read a public key set that a process is given; `source` names it in errors.

    Raises:
        ConfigurationError: it is no key set, holds a private key, or one that nothing can be verified with.
    """
    fix = 'give public Ed25519 keys, each with a kid, as a JWK set: {"keys": [...]}'
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or not listed:
        raise ConfigurationError(source, "is not a JWK set", fix)
    if any(isinstance(jwk, dict) and "d" in jwk for jwk in listed):
        raise ConfigurationError(source, "holds a private key", fix)
    jwks: Jwks = {"keys": listed}
    if len(verification_keys(jwks)) != len(listed):
        raise ConfigurationError(source, "holds a key that cannot be used, or two under one kid", fix)
    return jwks


def verification_keys(jwks: Jwks) -> dict[str, OKPKey]:
    """The usable keys of a published set by key ID; keys of other kinds, and broken ones, are left out."""
    keys: dict[str, OKPKey] = {}
    listed = jwks.get("keys")
    for jwk in listed if isinstance(listed, list) else ():
        if not isinstance(jwk, dict) or not isinstance(kid := jwk.get("kid"), str):
            continue
        if jwk.get("kty") != "OKP" or jwk.get("crv") != CURVE or jwk.get("use", "sig") != "sig":
            continue
        try:
            keys[kid] = _import(jwk, "x")
        except (ValueError, TypeError, KeyError, JoseError):
            continue
    return keys


def _import(jwk: dict[str, Any], *members: str) -> OKPKey:
    """The key made of these members alone: whatever else a JWK says has no part in signing or verifying."""
    return OKPKey.import_key({"kty": "OKP", "crv": CURVE, **{member: jwk[member] for member in members}})
