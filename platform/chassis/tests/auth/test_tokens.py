"""Issuing tokens."""

import json

import pytest
from joserfc import jws

from chassis.auth.keys import SigningKey, generate, key_set, verification_keys
from chassis.auth.tokens import REGISTRY, ServiceTokens, issue_user_token
from chassis.environment import Secret
from chassis.errors import ConfigurationError


def signing_key(kid: str = "shop-1") -> SigningKey:
    return SigningKey.parse(Secret(json.dumps(generate(kid))))


def read(token: str) -> tuple[dict[str, object], dict[str, object]]:
    content = jws.extract_compact(token.encode(), registry=REGISTRY)
    return content.headers(), json.loads(content.payload)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_service_token_says_who_calls_whom_for_five_minutes() -> None:
    clock = Clock()
    header, claims = read(ServiceTokens("shop", signing_key(), clock=clock).token_for("till"))

    assert header == {"alg": "EdDSA", "typ": "svc+jwt", "kid": "shop-1"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("shop", "shop", "till")
    assert (claims["iat"], claims["exp"]) == (1_000_000, 1_000_300)
    assert claims["jti"]


def test_a_token_is_used_again_until_a_minute_before_its_end() -> None:
    clock = Clock()
    tokens = ServiceTokens("shop", signing_key(), clock=clock)
    first = tokens.token_for("till")

    clock.now += 239
    assert tokens.token_for("till") is first
    clock.now += 1
    assert tokens.token_for("till") != first


def test_each_audience_has_its_own_token() -> None:
    tokens = ServiceTokens("shop", signing_key())

    assert tokens.token_for("till") != tokens.token_for("store")


def test_a_user_token_has_all_that_rfc_9068_demands() -> None:
    token = issue_user_token(
        signing_key("users-1"), issuer="door", subject="person-7", client="pharos", lifetime=900, clock=Clock()
    )
    header, claims = read(token)

    assert header["typ"] == "at+jwt"
    assert set(claims) == {"iss", "sub", "aud", "client_id", "iat", "exp", "jti"}
    assert (claims["sub"], claims["aud"], claims["exp"]) == ("person-7", "pharos", 1_000_900)


def test_what_is_published_holds_no_private_part() -> None:
    published = key_set(signing_key())

    assert set(published["keys"][0]) == {"kty", "crv", "x", "kid", "use", "alg"}
    assert list(verification_keys(published)) == ["shop-1"]


def test_a_key_does_not_show_itself() -> None:
    key = signing_key()

    assert repr(key) == "SigningKey(kid='shop-1')"


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"kty": "oct", "k": "c2VjcmV0"}',
        json.dumps({**generate("x"), "kid": ""}),
        json.dumps({key: value for key, value in generate("x").items() if key != "d"}),
        json.dumps({**generate("x"), "d": "short"}),
    ],
)
def test_a_key_that_cannot_sign_is_a_configuration_error(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"PHAROS_SIGNING_KEY_FILE: .*; give an Ed25519 private key as a JWK"):
        SigningKey.parse(Secret(text))


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": "none"},
        {"keys": [1, {}, {"kid": 1}]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]},
        {"keys": [{"kty": "OKP", "crv": "X25519", "x": "AAAA", "kid": "a"}]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "a"}]},
        {"keys": [{**generate("a"), "use": "enc"}]},
    ],
)
def test_keys_of_no_use_are_left_out_of_a_published_set(jwks: dict[str, object]) -> None:
    assert verification_keys(jwks) == {}
