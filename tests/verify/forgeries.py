"""Tokens that look like a service's and are none: each breaks one rule, and most are signed with the genuine key."""

import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.auth.keys import SigningKey

FLIPPED = 200
"""Copies of a good token with one character changed."""


def forgeries(issuer: str, audience: str, key: SigningKey, chance: random.Random) -> dict[str, bytes]:
    """Forged tokens by what is wrong with them; `key` is the issuer's own."""
    now = int(time.time())
    header = {"alg": "EdDSA", "typ": "svc+jwt", "kid": key.kid}
    claims = {"iss": issuer, "sub": issuer, "aud": audience, "iat": now, "exp": now + 300, "jti": "forged"}
    good = signed(key, header, {**claims, "jti": "good"})
    return {
        **_other_algorithms(header, claims, key, good),
        **_headers(header, claims, key),
        **_claims(header, claims, key, now),
        **_texts(header, claims, key),
        **_forms(good),
        **{f"changed {number}": _changed(good, chance) for number in range(FLIPPED)},
    }


def signed(key: SigningKey, header: Any, claims: Any) -> bytes:
    """A token of just this header and these claims, each an object or a text, with the key's true signature."""
    signing_input = f"{_encoded(header)}.{_encoded(claims)}"
    private = key.key.get_op_key("sign")
    assert isinstance(private, Ed25519PrivateKey)
    signature = private.sign(signing_input.encode())
    return f"{signing_input}.{_base64(signature)}".encode()


def _other_algorithms(
    header: Mapping[str, Any], claims: Mapping[str, Any], key: SigningKey, good: bytes
) -> dict[str, bytes]:
    found = {}
    for alg in ("none", "None", "NONE", "nOnE", "", "HS256", "RS256", "ES256", "Ed448", "EdDSA\u0000"):
        text = f"{_encoded({**header, 'alg': alg})}.{_encoded(claims)}"
        found[f"alg {alg!r}, no signature"] = f"{text}.".encode()
        found[f"alg {alg!r}, a good token's signature"] = text.encode() + good[good.rindex(b".") :]
    public = key.public()
    raw = base64.urlsafe_b64decode(public["x"] + "=")
    for name, secret in {"x": public["x"].encode(), "raw": raw, "jwk": json.dumps(public).encode()}.items():
        for alg, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512), ("EdDSA", hashlib.sha512)):
            text = f"{_encoded({**header, 'alg': alg})}.{_encoded(claims)}"
            mac = hmac.new(secret, text.encode(), digest).digest()
            found[f"{alg} keyed with the public key ({name})"] = f"{text}.{_base64(mac)}".encode()
    return found


def _headers(header: Mapping[str, Any], claims: Mapping[str, Any], key: SigningKey) -> dict[str, bytes]:
    changes: dict[str, dict[str, Any]] = {
        "user token's type": {"typ": "at+jwt"}, "plain type": {"typ": "JWT"}, "no type": {"typ": None},
        "a type that is a list": {"typ": ["svc+jwt"]}, "no kid": {"kid": None}, "kid is a number": {"kid": 1},
        "kid is a path": {"kid": "../../etc/passwd"}, "kid is SQL": {"kid": "' OR 1=1 --"},
        "critical exp": {"crit": ["exp"]}, "critical, empty": {"crit": []}, "b64 off": {"b64": False, "crit": ["b64"]},
        "its own key": {"jwk": key.public()}, "keys elsewhere": {"jku": "http://127.0.0.1:1/"},
        "a certificate elsewhere": {"x5u": "http://127.0.0.1:1/"}, "compressed": {"zip": "DEF"},
        "a token within": {"cty": "JWT"}, "claims in the header": dict(claims), "alg is a list": {"alg": ["EdDSA"]},
    }  # fmt: skip
    return {what: signed(key, _without_none({**header, **change}), claims) for what, change in changes.items()}


def _claims(header: Mapping[str, Any], claims: Mapping[str, Any], key: SigningKey, now: int) -> dict[str, bytes]:
    changes: dict[str, dict[str, Any]] = {
        "another audience": {"aud": "payments"}, "no audience": {"aud": None}, "audience is empty": {"aud": []},
        "another issuer": {"iss": "payments", "sub": "payments"}, "an issuer nobody knows": {"iss": "nobody"},
        "no issuer": {"iss": None}, "issuer is a list": {"iss": [claims["iss"]]},
        "speaks for another": {"sub": "operator"}, "no subject": {"sub": None}, "an empty subject": {"sub": ""},
        "expired": {"iat": now - 400, "exp": now - 100}, "never ends": {"exp": None}, "ends as text": {"exp": "9"},
        "ends late": {"exp": now + 3600}, "ends at no time": {"exp": True}, "ends far away": {"exp": 1e300},
        "issued later": {"iat": now + 100, "exp": now + 300}, "not before later": {"nbf": now + 100},
        "no issue": {"iat": None}, "no identifier": {"jti": None}, "an empty identifier": {"jti": ""},
        "an identifier that is none": {"jti": 7},
    }  # fmt: skip
    return {what: signed(key, header, _without_none({**claims, **change})) for what, change in changes.items()}


def _texts(header: Mapping[str, Any], claims: Mapping[str, Any], key: SigningKey) -> dict[str, bytes]:
    plain = json.dumps(claims)
    end = str(claims["exp"])
    return {
        "a claim twice": signed(key, header, '{"iss":"operator",' + plain[1:]),
        "a claim twice, later": signed(key, header, plain[:-1] + ',"aud":"payments"}'),
        "an algorithm twice": signed(key, '{"alg":"none",' + json.dumps(header)[1:], claims),
        "an escaped name twice": signed(key, header, '{"\\u0069ss":"operator",' + plain[1:]),
        "Infinity": signed(key, header, plain.replace(end, "Infinity")),
        "NaN": signed(key, header, plain.replace(end, "NaN")),
        "claims are a list": signed(key, header, f"[{plain}]"),
        "claims are text": signed(key, header, json.dumps(plain)),
        "claims are null": signed(key, header, "null"),
        "claims are nothing": signed(key, header, ""),
        "claims are nested": signed(key, header, "[" * 1200 + "]" * 1200),
        "claims go on": signed(key, header, plain + plain),
        "a comment": signed(key, header, plain + "/**/"),
        "a byte order mark": signed(key, header, "\ufeff" + plain),
        "header is a list": signed(key, [header], claims),
    }


def _forms(good: bytes) -> dict[str, bytes]:
    header, payload, signature = good.split(b".")
    return {
        "empty parts": b"..", "one part": header, "two parts": header + b"." + payload, "four parts": good + b".AA",
        "no signature": header + b"." + payload + b".", "another order": b".".join((payload, header, signature)),
        "padding": good + b"==", "padding inside": header + b"=." + payload + b"." + signature,
        "a foreign character": good[:-5] + b"!" + good[-5:], "plain base64": good + b"+/",
        "white space inside": header + b". " + payload + b"." + signature,
        "a tab inside": good[:-5] + b"\t" + good[-5:],
        "five-part": good + b".." , "oversize": b"a" * 5000, "oversize, three parts": good + b"A" * 5000,
        "the scheme before": b"Bearer " + good, "quoted": b'"' + good + b'"', "two tokens": good + b"," + good,
        "other letters": good[:-1] + "é".encode("latin-1"),
    }  # fmt: skip


def _changed(good: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(good))
    others = [byte for byte in b"ABCXYZabcxyz0189-_." if byte != good[place]]
    return good[:place] + bytes([chance.choice(others)]) + good[place + 1 :]


def _without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _encoded(part: Any) -> str:
    return _base64((part if isinstance(part, str) else json.dumps(part)).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
