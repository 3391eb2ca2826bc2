"""What an order may contain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.domain.order import has_card_number, repeated_skus


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
def test_a_card_number_is_recognised(text: str) -> None:
    assert has_card_number(text)


@pytest.mark.parametrize("text", ["tok_approve", "MUG-BLUE", "4111111111111112", "12345678901", "2026-01-01", ""])
def test_other_text_is_not_taken_for_a_card_number(text: str) -> None:
    assert not has_card_number(text)


@given(st.text(max_size=80))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert has_card_number(text) in {True, False}


def test_a_product_named_again_is_found_where_it_stands() -> None:
    assert repeated_skus(["A", "B", "A", "C", "B"]) == [2, 4]
    assert repeated_skus(["A", "B"]) == []
