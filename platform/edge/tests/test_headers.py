"""Which header fields cross the edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.headers import UnreadableHeaderError, to_caller, to_service

tokens = st.from_regex(rb"[a-z][a-z0-9-]{0,15}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20).map(str.encode)
fields = st.lists(st.tuples(tokens, values), max_size=10)

TRUSTED = [
    b"traceparent", b"tracestate", b"baggage", b"b3", b"x-b3-traceid", b"x-correlation-id", b"x-service-token",
    b"x-request-timeout-ms", b"forwarded", b"x-forwarded-host", b"x-forwarded-client-cert", b"x-real-ip", b"host",
    b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"proxy-authorization",
    b"expect", b"content-length",
]  # fmt: skip


@pytest.mark.parametrize("name", TRUSTED)
def test_what_services_believe_or_one_connection_owns_is_dropped(name: bytes) -> None:
    sent = to_service([(name, b"forged")], "10.0.0.1", "http")
    assert "forged" not in [value for field, value in sent if field != "x-forwarded-host" or name != b"host"]


@given(fields)
def test_what_the_caller_may_say_arrives_in_order(headers: list[tuple[bytes, bytes]]) -> None:
    own = [(b"x-own-" + name, value) for name, value in headers]
    sent = to_service(own, "10.0.0.1", "http")
    assert [(name.encode(), value.encode()) for name, value in sent[: len(own)]] == own
    assert sent[len(own) :] == (("x-forwarded-for", "10.0.0.1"), ("x-forwarded-proto", "http"))


@given(fields, st.lists(tokens, max_size=3))
def test_what_connection_names_goes_no_further(headers: list[tuple[bytes, bytes]], named: list[bytes]) -> None:
    connection = (b"connection", b" , ".join(named).title())
    crossed = {name for name, _ in to_caller([connection, *headers, *((name, b"1") for name in named)])}
    assert crossed.isdisjoint({*named, b"connection"})


@given(fields)
def test_a_replys_values_stay_as_they_are(headers: list[tuple[bytes, bytes]]) -> None:
    own = [(b"X-Own-" + name, value) for name, value in headers]
    assert to_caller(own) == [(name.lower(), value) for name, value in own]


def test_a_value_that_is_no_text_is_named() -> None:
    with pytest.raises(UnreadableHeaderError, match="x-odd"):
        to_service([(b"x-odd", b"\xff")], "10.0.0.1", "http")
