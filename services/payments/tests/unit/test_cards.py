"""A card token passes; a card number never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.cards import CardNumberError, InvalidTokenError, check_token, holds_card_number


@pytest.mark.parametrize("token", ["tok_approve", "tok_decline", "tok_4242", "tok_insufficient_funds"])
def test_a_token_passes(token: str) -> None:
    assert check_token(token) == token


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "3782.822463.10005",
        "tok_4111111111111111",
        "card 6011000990139424 please",
        "4111111111111112",
    ],
)
def test_a_card_number_is_refused_in_every_dress_and_never_repeated(text: str) -> None:
    with pytest.raises(CardNumberError) as caught:
        check_token(text)
    assert "1111" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "approve", "tok_", "TOK_APPROVE", "tok_a b", "tok_" + "a" * 61, "tok_a\n"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidTokenError):
        check_token(text)


@given(st.integers(min_value=10**11, max_value=10**19 - 1), st.sampled_from(["", " ", "-", "."]), st.text(max_size=5))
def test_digits_in_any_grouping_are_seen(number: int, separator: str, around: str) -> None:
    digits = str(number)
    grouped = separator.join(digits[start : start + 4] for start in range(0, len(digits), 4))
    assert holds_card_number(f"{around}{grouped}{around}")


@given(st.text())
def test_what_passes_is_plain_and_holds_no_card_number(text: str) -> None:
    try:
        token = check_token(text)
    except (CardNumberError, InvalidTokenError):
        return
    assert token.startswith("tok_")
    assert not holds_card_number(token)
