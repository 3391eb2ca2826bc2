"""Which tokens are accepted. Every forged, foreign or stale one is not."""

import asyncio
import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis.auth.callers import TokenCheck, service_check, user_check
from chassis.auth.keys import SigningKey, generate
from chassis.auth.principals import ServicePrincipal, UserPrincipal
from chassis.auth.tokens import REGISTRY, issue, issue_user_token
from chassis.auth.verify import TokenExpired, TokenRejected
from chassis.environment import Secret

SHOP = SigningKey.parse(Secret(json.dumps(generate("shop-1"))))
OTHER = SigningKey.parse(Secret(json.dumps(generate("shop-1"))))
DOOR = SigningKey.parse(Secret(json.dumps(generate("users-1"))))
NOW = 1_700_000_000.0


class Keys:
    """The published keys, counted."""

    def __init__(self) -> None:
        self.asked = 0

    async def key(self, issuer: str, kid: str) -> OKPKey | None:
        self.asked += 1
        return {("shop", "shop-1"): SHOP.key, ("door", "users-1"): DOOR.key}.get((issuer, kid))


def clock() -> float:
    return NOW


def services(keys: Keys | None = None) -> TokenCheck[ServicePrincipal]:
    check = service_check("till", frozenset({"shop"}), keys or Keys())
    check._clock = clock
    return check


def users() -> TokenCheck[UserPrincipal]:
    check = user_check("door", Keys())
    check._clock = clock
    return check


CLAIMS = {"iss": "shop", "sub": "shop", "aud": "till", "iat": int(NOW), "exp": int(NOW) + 300, "jti": "j"}
HEADER = {"alg": "EdDSA", "typ": "svc+jwt", "kid": "shop-1"}


def signed(key: SigningKey = SHOP, header: dict[str, Any] | None = None, **changes: Any) -> bytes:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode({**HEADER, **(header or {})}, claims, key.key, registry=REGISTRY).encode()


def encoded(part: Any) -> str:
    text = part if isinstance(part, str) else json.dumps(part)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


async def test_a_good_service_token_names_its_service() -> None:
    assert await services()(signed()) == ServicePrincipal("shop")


async def test_an_audience_may_be_one_of_several() -> None:
    assert await services()(signed(aud=["store", "till"])) == ServicePrincipal("shop")


async def test_a_good_user_token_names_its_user() -> None:
    token = issue_user_token(DOOR, issuer="door", subject="p7", client="pharos", lifetime=900, clock=clock)

    principal = await users()(token.encode())

    assert (principal.subject, principal.client, principal.expires_at) == ("p7", "pharos", NOW + 900)


def raw(header: Any, claims: Any) -> bytes:
    """Signed with the right key, whatever it says."""
    signing_input = f"{encoded(header)}.{encoded(claims)}"
    signature = SHOP.key.get_op_key("sign").sign(signing_input.encode())
    return f"{signing_input}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}".encode()


HMAC = OctKey.import_key(str(SHOP.key.as_dict(private=False)["x"]))
FORGED = {
    "another key": signed(OTHER),
    "unknown kid": signed(header={"kid": "shop-2"}),
    "wrong type": signed(header={"typ": "at+jwt"}),
    "plain JWT type": signed(header={"typ": "JWT"}),
    "another audience": signed(aud="store"),
    "no audience": signed(aud=None),
    "an issuer not expected": signed(iss="door", sub="door"),
    "speaks for another": signed(sub="door"),
    "not yet valid": signed(iat=int(NOW) + 60, exp=int(NOW) + 200),
    "nbf in the future": signed(nbf=int(NOW) + 60),
    "lives too long": signed(exp=int(NOW) + 3600),
    "never ends": signed(exp=None),
    "no identifier": signed(jti=None),
    "empty subject": signed(sub=""),
    "exp is text": signed(exp=str(int(NOW) + 300)),
    "alg none": f"{encoded({**HEADER, 'alg': 'none'})}.{encoded(CLAIMS)}.".encode(),
    "alg none, signature kept": encoded({**HEADER, "alg": "none"}).encode() + signed()[signed().index(b".") :],
    "HMAC with the public key": jwt.encode({**HEADER, "alg": "HS256"}, CLAIMS, HMAC, algorithms=["HS256"]).encode(),
    "critical extension": encoded({**HEADER, "crit": ["exp"]}).encode() + signed()[signed().index(b".") :],
    "embedded key": encoded({**HEADER, "jwk": OTHER.public()}).encode() + signed(OTHER)[signed(OTHER).index(b".") :],
    "changed claims": signed().split(b".")[0] + b"." + encoded({**CLAIMS, "aud": "x"}).encode() + b".AAAA",
    "a claim in the header": raw({**HEADER, "aud": "till"}, CLAIMS),
    "a second member": raw(HEADER, '{"iss":"shop",' + json.dumps(CLAIMS)[1:]),
    "a second type": raw('{"typ":"at+jwt",' + json.dumps(HEADER)[1:], CLAIMS),
    "payload not encoded": raw({**HEADER, "b64": False, "crit": ["b64"]}, CLAIMS),
    "a token in a token": raw({**HEADER, "cty": "JWT"}, signed().decode()),
    "keys from elsewhere": raw({**HEADER, "jku": "http://127.0.0.1:1/"}, CLAIMS),
    "exp without end": raw(HEADER, json.dumps(CLAIMS).replace(str(int(NOW) + 300), "Infinity")),
    "exp is no number": raw(HEADER, json.dumps(CLAIMS).replace(str(int(NOW) + 300), "NaN")),
    "a list": raw(HEADER, "[]"),
    "nested without end": raw(HEADER, "[" * 1300),
    "white space before": b" " + signed(),
    "white space after": signed() + b" ",
    "a line break after": signed() + b"\n",
    "white space inside": signed().replace(b".", b" .", 1),
    "padding": signed() + b"==",
    "a foreign character": signed()[:-4] + b"!" + signed()[-4:],
    "four parts": signed() + b".AA",
    "empty": b".",
    "two parts": b"a.b",
    "not ASCII": "é.é.é".encode(),
    "huge": b"a" * 100_000,
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_or_foreign_token_is_rejected(token: bytes) -> None:
    with pytest.raises(TokenRejected) as caught:
        await services()(token)

    assert len(token) < 10 or token.decode("latin-1") not in caught.value.detail


async def test_a_user_token_is_no_service_token_and_the_other_way_round() -> None:
    user_token = issue_user_token(DOOR, issuer="door", subject="p7", client="pharos", lifetime=300, clock=clock)

    with pytest.raises(TokenRejected):
        await services()(user_token.encode())
    with pytest.raises(TokenRejected):
        await users()(signed())


async def test_an_access_token_without_client_id_is_rejected() -> None:
    token = issue(DOOR, {"iss": "door", "sub": "p7", "aud": "pharos"}, typ="at+jwt", lifetime=300, clock=clock)

    with pytest.raises(TokenRejected, match="client_id"):
        await users()(token.encode())


async def test_clocks_may_be_thirty_seconds_apart() -> None:
    await services()(signed(iat=int(NOW) - 300, exp=int(NOW) - 29))
    with pytest.raises(TokenExpired):
        await services()(signed(iat=int(NOW) - 300, exp=int(NOW) - 30))


async def test_without_an_issuer_no_user_is_accepted() -> None:
    check = user_check(None, Keys())
    token = issue_user_token(DOOR, issuer="door", subject="p7", client="pharos", lifetime=300)

    with pytest.raises(TokenRejected):
        await check(token.encode())


async def test_a_token_is_verified_once_and_then_remembered_for_a_minute() -> None:
    keys = Keys()
    check = services(keys)
    moment = [NOW]
    check._clock = lambda: moment[0]
    token = signed()

    for _ in range(5):
        await check(token)
    assert keys.asked == 1
    moment[0] += 61
    await check(token)
    assert keys.asked == 2


async def test_a_remembered_token_ends_with_its_expiry() -> None:
    check = services()
    moment = [NOW]
    check._clock = lambda: moment[0]
    token = signed(exp=int(NOW) + 10)

    await check(token)
    moment[0] += 41

    with pytest.raises(TokenExpired):
        await check(token)


async def test_the_memory_is_bounded() -> None:
    check = services()
    check._remembered._size = 10

    for number in range(50):
        await check(signed(jti=str(number)))

    assert len(check._remembered._entries) == 10


async def test_a_known_token_costs_at_most_five_microseconds() -> None:
    check = services()
    token = signed()
    await check(token)

    async def spend(rounds: int) -> float:
        began = time.process_time()
        for _ in range(rounds):
            await check(token)
        return (time.process_time() - began) / rounds

    assert min([await spend(2000) for _ in range(5)]) < 5e-6


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_bytes_come_they_are_rejected_and_nothing_else_happens(token: bytes) -> None:
    with pytest.raises(TokenRejected):
        asyncio.run(services()(token))


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_no_change_to_a_good_token_is_accepted(data: st.DataObject) -> None:
    token = bytearray(signed())
    place = data.draw(st.integers(0, len(token) - 1))
    token[place] = data.draw(st.sampled_from(b"ABCDEabcde01234-_.").filter(lambda byte: byte != token[place]))

    with pytest.raises(TokenRejected):
        asyncio.run(services()(bytes(token)))


async def test_forged_tokens_displace_no_good_one() -> None:
    keys = Keys()
    check = services(keys)
    good = signed()
    await check(good)

    for number in range(3000):
        with pytest.raises(TokenRejected):
            await check(signed(OTHER, jti=str(number)))

    asked = keys.asked
    assert await check(good) == ServicePrincipal("shop")
    assert keys.asked == asked
    assert len(check._remembered._entries) == 1


async def test_a_token_in_use_outlives_those_that_are_not() -> None:
    keys = Keys()
    check = services(keys)
    check._remembered._size = 10
    used = signed(jti="used")
    await check(used)

    for number in range(50):
        await check(signed(jti=str(number)))
        await check(used)

    assert keys.asked == 51
