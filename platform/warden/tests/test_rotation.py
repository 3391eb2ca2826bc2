"""Which keys an issuer has after a rotation."""

from hypothesis import given
from hypothesis import strategies as st

from warden.rotation import LEAD_S, LONGEST_TOKEN_S, keys_of, rotated

FIRST = {"kid": "k0", "kty": "OKP"}


def test_the_first_rotation_keeps_the_key_that_is_in_use() -> None:
    after = rotated(FIRST, {"kid": "k1"}, now=1000.0)

    assert after == {"keys": [FIRST, {"kid": "k1", "use_from": 1900}]}


def test_a_key_that_was_still_to_come_gives_way() -> None:
    after = rotated(rotated(FIRST, {"kid": "k1"}, now=1000.0), {"kid": "k2"}, now=1100.0)

    assert [key["kid"] for key in keys_of(after)] == ["k0", "k2"]


def test_a_key_is_left_out_when_its_last_token_has_ended() -> None:
    second = rotated(FIRST, {"kid": "k1"}, now=1000.0)
    began = 1000.0 + LEAD_S

    early = rotated(second, {"kid": "k2"}, now=began + LONGEST_TOKEN_S - 1)
    late = rotated(second, {"kid": "k2"}, now=began + LONGEST_TOKEN_S)

    assert [key["kid"] for key in keys_of(early)] == ["k0", "k1", "k2"]
    assert [key["kid"] for key in keys_of(late)] == ["k1", "k2"]


@given(st.lists(st.floats(min_value=1, max_value=9000), min_size=1, max_size=20))
def test_no_token_that_still_holds_loses_its_key_and_no_key_is_used_unannounced(pauses: list[float]) -> None:
    document: dict[str, object] = dict(FIRST)
    now = 10_000.0
    signed: list[tuple[float, str]] = []
    for number, pause in enumerate(pauses, 1):
        signed.append((now, [str(key["kid"]) for key in keys_of(document) if float(key.get("use_from", 0)) <= now][-1]))
        now += pause
        in_use = [str(key["kid"]) for key in keys_of(document) if float(key.get("use_from", 0)) <= now][-1]
        document = rotated(document, {"kid": f"k{number}"}, now=now)
        published = {key["kid"] for key in keys_of(document)}
        assert in_use in published
        assert {kid for moment, kid in signed if moment + LONGEST_TOKEN_S > now} <= published
        assert keys_of(document)[-1]["use_from"] >= now + LEAD_S - 1
