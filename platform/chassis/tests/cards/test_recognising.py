"""What is taken for a card number, and what must not be."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.cards import holds_card_number, passes_luhn, possible_in
from chassis.correlation import new_correlation_id
from chassis.ids import uuid7
from chassis.telemetry.redaction import redact_text

words = st.text("abcdefghijklmnopqrstuvwxyz .,:;/@", max_size=20)
groups = st.sampled_from(["", " ", "-", "  ", "\u2013", "\u2011"])


def with_check_digit(digits: str) -> str:
    return next(digits + last for last in "0123456789" if passes_luhn(digits + last))


cards = st.builds(
    lambda first, rest: with_check_digit(first + rest),
    st.sampled_from("3456789"),
    st.text("0123456789", min_size=11, max_size=17),
)


@given(words, cards, words, groups)
def test_a_card_number_is_found_in_any_text(before: str, card: str, after: str, between: str) -> None:
    grouped = between.join(card[at : at + 4] for at in range(0, len(card), 4))
    text = f"{before}{grouped}{after}"

    assert holds_card_number(text)
    assert possible_in(text.encode())


@given(cards)
def test_digits_of_other_scripts_are_seen_through(card: str) -> None:
    wide = "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in card)

    assert holds_card_number(wide)
    assert possible_in(wide.encode())


@given(cards)
def test_what_is_refused_would_be_blackened_as_well(card: str) -> None:
    assert card not in redact_text(f"paid with {card}")


@given(st.uuids(version=4), words)
def test_a_uuid_passes_whatever_stands_around_it(value: uuid.UUID, word: str) -> None:
    for text in (str(value), value.hex, f"order-{value}", f"{word} {value.hex}", f"/orders/{value}/cancel"):
        assert not holds_card_number(text), text


def test_our_own_identifiers_pass() -> None:
    for _ in range(5000):
        assert not holds_card_number(f"{uuid7()} {new_correlation_id()}")


@given(st.datetimes(min_value=datetime(2001, 9, 9), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001
def test_times_pass(value: datetime) -> None:
    since = int(value.replace(tzinfo=UTC).timestamp() * 1000)
    epochs = [str(since * factor) for factor in (1, 1000, 1_000_000)] if since < 2_000_000_000_000 else []
    for text in (*epochs, value.isoformat(), f"{value:%Y%m%d%H%M%S}", f"{value:%Y-%m-%d %H:%M:%S}"):
        assert not holds_card_number(text), text


@pytest.mark.parametrize("text", ["", "4111111111111112", "123456789012", "MUG-BLUE", "1795458799762896000", "4" * 40])
def test_other_text_passes(text: str) -> None:
    assert not holds_card_number(text)


@given(st.binary(max_size=200))
def test_nothing_that_is_not_read_closely_holds_one(data: bytes) -> None:
    assert possible_in(data) or not holds_card_number(data.decode("latin-1"))
