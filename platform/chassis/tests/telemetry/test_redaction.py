import json
import sys
import time
import uuid

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chassis.cards import passes_luhn
from chassis.telemetry.ids import new_trace_id
from chassis.telemetry.redaction import REDACTED, is_secret_key, redact_text, redact_value

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjdXN0b21lciJ9.c2lnbmF0dXJl"
anything = st.text(max_size=40)
between = st.sampled_from(["", " ", "-"])


def with_check_digit(digits: str) -> str:
    return next(digits + last for last in "0123456789" if passes_luhn(digits + last))


cards = st.text("0123456789", min_size=12, max_size=18).map(with_check_digit)


@given(anything, cards, anything)
def test_no_card_number_survives_in_any_text(before: str, card: str, after: str) -> None:
    assume(not before[-1:].isdigit() and not after[:1].isdigit())
    assume(not before.endswith((" ", "-")) and not after.startswith((" ", "-")))
    assert card not in redact_text(before + card + after)


@given(st.text("0123456789", min_size=15, max_size=15).map(with_check_digit), st.sampled_from([" ", "-"]))
def test_grouped_card_numbers_are_found(card: str, separator: str) -> None:
    grouped = separator.join(card[i : i + 4] for i in range(0, 16, 4))
    assert redact_text(f"paid with {grouped}, thanks") == f"paid with {REDACTED}, thanks"


@given(anything, anything)
def test_no_token_survives_in_any_text(before: str, after: str) -> None:
    assert JWT not in redact_text(f"{before} {JWT} {after}")


@given(st.text())
def test_nothing_can_break_or_forge_a_line(text: str) -> None:
    clean = redact_text(text)
    assert len(clean.splitlines()) <= 1
    assert clean == "" or all(character == "\t" or character >= " " for character in clean)
    clean.encode()


@given(st.text())
def test_clean_text_stays_as_it_is(text: str) -> None:
    once = redact_text(text)
    assert redact_text(once) == once


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("password=hunter2&next=1", f"password={REDACTED}&next=1"),
        ('{"card_token": "tok_approve", "amount": 5}', f'{{"card_token": {REDACTED}, "amount": 5}}'),
        ("Authorization: Bearer abc.def-ghi", f"Authorization: {REDACTED}"),
        ("sent Basic dXNlcjpwYXNzd29yZA== along", f"sent {REDACTED} along"),
        ("connect postgresql://orders:hunter2@localhost/orders", f"connect postgresql://{REDACTED}@localhost/orders"),
        ("settings: api_key='k 1' retries=3", f"settings: api_key={REDACTED} retries=3"),
        ("clientSecret: s3cr3t", f"clientSecret: {REDACTED}"),
        (f"token={REDACTED}", f"token={REDACTED}"),
        ("first\r\nsecond", "first\\r\\nsecond"),
        ("colour \x1b[31mred", "colour \\x1b[31mred"),
        ("separated\u2028twice\x85", "separated\\u2028twice\\x85"),
    ],
)
def test_secrets_are_replaced_and_the_rest_is_kept(text: str, clean: str) -> None:
    assert redact_text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "GET /orders/{order_id} 200",
        "order placed: total=1999 currency=EUR",
        "SELECT id, status FROM orders WHERE customer_id = $1",
        "the pandemic of tokenizers: none",
        "at 2026-11-23T18:33:19.762896Z",
    ],
)
def test_ordinary_text_is_kept(text: str) -> None:
    assert redact_text(text) == text


@given(st.uuids(version=4))
def test_identifiers_are_not_taken_for_card_numbers(value: uuid.UUID) -> None:
    assert redact_text(f"order {value} of {value.hex}") == f"order {value} of {value.hex}"


def test_trace_identifiers_are_not_taken_for_card_numbers() -> None:
    assert all(redact_text(trace_id) == trace_id for trace_id in (new_trace_id() for _ in range(2000)))


@pytest.mark.parametrize(
    "key", ["password", "card_token", "X-Service-Token", "accessToken", "client_secret", "Authorization", "cvc", "pan"]
)
def test_values_under_telling_keys_are_replaced(key: str) -> None:
    assert is_secret_key(key)
    assert redact_value(key, {"anything": "at all"}) == REDACTED


@pytest.mark.parametrize("key", ["span_id", "company", "order.id", "http.route", "tokenizer", "expander"])
def test_harmless_keys_are_kept(key: str) -> None:
    assert not is_secret_key(key)


def test_containers_are_walked_to_the_end() -> None:
    value = {"lines": [{"token": "t", "note": f"a {JWT}"}], "card": 4111111111111111, "at_ns": 1795458799762896000}
    clean = redact_value("payload", value)
    assert clean == {
        "lines": [{"token": REDACTED, "note": f"a {REDACTED}"}],
        "card": REDACTED,
        "at_ns": 1795458799762896000,
    }


def test_what_is_nested_without_end_is_cut() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert "[too deep]" in json.dumps(redact_value("payload", endless))


def test_a_hostile_text_costs_no_more_than_its_length() -> None:
    def seconds(repetitions: int) -> float:
        text = "/" + "a4111111111111111" * repetitions
        began = time.process_time()
        redact_text(text)
        return time.process_time() - began

    seconds(100)
    assert seconds(4_000) < 40 * max(seconds(400), 0.002)


def test_a_hostile_key_is_judged_and_not_remembered() -> None:
    key = "k" * 60_000
    assert not is_secret_key(key)
    assert is_secret_key(key + "_password")
    assert sys.getrefcount(key) == 2


@given(st.integers())
def test_no_integer_is_larger_than_the_protocol_allows(number: int) -> None:
    value = redact_value("count", number)
    assert value in {number, str(number), REDACTED}
    assert isinstance(value, str) or -(2**63) <= value < 2**63
    assert redact_value("count", number * 2**70) in {0, str(number * 2**70)}
