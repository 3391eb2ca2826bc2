"""Several keys in one file: which is signed with, which are published, and that a change is seen while running."""

import json
from pathlib import Path
from typing import Any

import pytest

from chassis.auth.callers import TokenCheck, service_check
from chassis.auth.jwks import JwksCache
from chassis.auth.keyring import REREAD_S, KeyRing
from chassis.auth.keys import generate
from chassis.auth.principals import ServicePrincipal
from chassis.auth.tokens import ServiceTokens
from chassis.environment import Environment, Secret
from chassis.errors import ConfigurationError


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ring_of(folder: Path, clock: Clock, document: Any) -> tuple[KeyRing, Path]:
    file = folder / "key.jwk"
    file.write_text(json.dumps(document))
    secret = Environment({"PHAROS_SIGNING_KEY_FILE": str(file)}).required_secret("PHAROS_SIGNING_KEY")
    return KeyRing(secret, clock=clock, monotonic=clock), file


def kids(ring: KeyRing) -> list[str]:
    return [key["kid"] for key in ring.published()["keys"]]


def test_a_single_key_is_a_ring_as_well(tmp_path: Path, clock: Clock) -> None:
    ring, _ = ring_of(tmp_path, clock, generate("a"))

    assert ring.current().kid == "a"
    assert kids(ring) == ["a"]


def test_a_key_is_published_before_it_is_used(tmp_path: Path, clock: Clock) -> None:
    ring, _ = ring_of(tmp_path, clock, {"keys": [generate("a"), {**generate("b"), "use_from": clock.now + 900}]})

    assert (ring.current().kid, kids(ring)) == ("a", ["a", "b"])
    clock.now += 900
    assert (ring.current().kid, kids(ring)) == ("b", ["a", "b"])


def test_a_changed_file_is_read_while_running(tmp_path: Path, clock: Clock) -> None:
    ring, file = ring_of(tmp_path, clock, generate("a"))
    file.write_text(json.dumps(generate("b")))

    assert ring.current().kid == "a"
    clock.now += REREAD_S
    assert ring.current().kid == "b"


@pytest.mark.parametrize("content", ["", "{", '{"keys": []}', '{"keys": [{"kty": "RSA"}]}', "[]"])
def test_a_file_that_cannot_be_read_leaves_the_keys_as_they_were(tmp_path: Path, clock: Clock, content: str) -> None:
    ring, file = ring_of(tmp_path, clock, generate("a"))
    file.write_text(content)
    clock.now += REREAD_S
    assert ring.current().kid == "a"

    file.write_text(json.dumps(generate("b")))
    clock.now += REREAD_S
    assert ring.current().kid == "b"


def test_a_file_that_is_gone_leaves_the_keys_as_they_were(tmp_path: Path, clock: Clock) -> None:
    ring, file = ring_of(tmp_path, clock, generate("a"))
    file.unlink()
    clock.now += REREAD_S

    assert ring.current().kid == "a"


@pytest.mark.parametrize(
    "document", ["no", [], {"keys": []}, {"keys": [1]}, {**generate("a"), "use_from": "soon"}, {"kty": "OKP"}]
)
def test_what_is_no_key_is_refused_at_the_start(tmp_path: Path, clock: Clock, document: Any) -> None:
    with pytest.raises(ConfigurationError, match="PHAROS_SIGNING_KEY_FILE"):
        ring_of(tmp_path, clock, document)


def test_what_is_published_holds_no_private_part() -> None:
    ring = KeyRing(Secret(json.dumps({"keys": [generate("a"), {**generate("b"), "use_from": 7}]})))

    assert all(set(key) == {"kty", "crv", "x", "kid", "use", "alg"} for key in ring.published()["keys"])


def test_a_token_is_not_used_beyond_its_keys_turn(tmp_path: Path, clock: Clock) -> None:
    ring, _ = ring_of(tmp_path, clock, {"keys": [generate("a"), {**generate("b"), "use_from": clock.now + 10}]})
    tokens = ServiceTokens("shop", ring, clock=clock)
    first = tokens.token_for("till")

    assert tokens.token_for("till") is first
    clock.now += 10
    second = tokens.token_for("till")
    assert second != first
    assert tokens.token_for("till") is second


async def test_no_token_is_refused_through_a_rotation(tmp_path: Path, clock: Clock) -> None:
    """An issuer and a verifier over two hours of their clock, with a rotation in between."""
    first, second = generate("a"), generate("b")
    ring, file = ring_of(tmp_path, clock, first)
    tokens = ServiceTokens("shop", ring, clock=clock)

    async def fetch(_: str) -> dict[str, Any]:
        return ring.published()

    check: TokenCheck[ServicePrincipal] = service_check("till", frozenset({"shop"}), JwksCache(fetch, clock=clock))
    check._clock = clock
    used = set()
    for second_of_test in range(0, 7200, 10):
        if second_of_test == 1000:
            file.write_text(json.dumps({"keys": [first, {**second, "use_from": clock.now + 900}]}))
        if second_of_test == 6000:
            file.write_text(json.dumps({**second, "use_from": 0}))
        assert await check(tokens.token_for("till").encode()) == ServicePrincipal("shop")
        used.add(ring.current().kid)
        clock.now += 10

    assert used == {"a", "b"}
