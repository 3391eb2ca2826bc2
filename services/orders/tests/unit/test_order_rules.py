"""What an order may contain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.domain.order import is_card_token, might_be_card_number, repeated_skus


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "378282246310005",
        "my card is 5555555555554444, thanks",
    ],
)
def test_a_card_number_is_no_token(text: str) -> None:
    assert might_be_card_number(text)
    assert not is_card_token(text)


@pytest.mark.parametrize("text", ["tok_approve", "tok_slow", "12345678901"])
def test_a_token_is_not_taken_for_a_card_number(text: str) -> None:
    assert not might_be_card_number(text)
    assert is_card_token(text)


@given(st.lists(st.tuples(st.sampled_from("0123456789"), st.sampled_from(["", "", "-"])), min_size=12, max_size=40))
def test_no_run_of_twelve_digits_passes_as_a_token(digits: list[tuple[str, str]]) -> None:
    assert not is_card_token("tok_" + "".join(digit + separator for digit, separator in digits))


def test_a_product_named_again_is_found_where_it_stands() -> None:
    assert repeated_skus(["A", "B", "A", "C", "B"]) == [2, 4]
    assert repeated_skus(["A", "B"]) == []
