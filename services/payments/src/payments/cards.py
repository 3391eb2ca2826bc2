"""What is accepted in place of a card: a provider's token, never a card number. Pure, standard library only."""

import re

_TOKEN = re.compile(r"tok_[a-z0-9_]{1,60}")
_DIGITS = re.compile(r"\d(?:[ .\-]?\d){11,18}")


class CardNumberError(ValueError):
    """The text holds what looks like a card number. The message never repeats it."""


class InvalidTokenError(ValueError):
    """The text is not of a card token's form. The message never repeats it."""


def holds_card_number(text: str) -> bool:
    """Whether 12 to 19 digits stand in `text` (ISO/IEC 7812-1), alone or in groups.

    Deliberately without the Luhn check: a mistyped card number is card data as well.
    """
    return _DIGITS.search(text) is not None


def check_token(text: str) -> str:
    """The card token, if it is one.

    Raises:
        CardNumberError: when it looks like a card number.
        InvalidTokenError: when it is anything else.
    """
    if holds_card_number(text):
        raise CardNumberError("send a card token, never a card number")
    if not _TOKEN.fullmatch(text):
        raise InvalidTokenError("a card token is `tok_` followed by lower-case letters, digits and underscores")
    return text
