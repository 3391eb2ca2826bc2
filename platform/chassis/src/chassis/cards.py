"""Recognising payment card numbers in text, so that none is stored, logged or traced (PCI DSS 4.0, requirement 3).

A card number is 13 to 19 digits, possibly grouped by spaces or dashes, that satisfy the Luhn check (ISO/IEC 7812-1).
Digits within a UUID or a hexadecimal hash are no card number.
"""

import re
import unicodedata
from typing import Final

SHORTEST: Final = 13
"""Digits."""

CANDIDATE: Final = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
"""Runs of digits long enough; whether one is a card number, `is_card` says."""

_GROUPED: Final = re.compile(r"(?<![0-9])[2-9](?:[ \-\u2010-\u2015\u2212]{0,2}[0-9]){12,18}(?![0-9])")
_POSSIBLE: Final = re.compile(rb"[2-9](?:[ -]{0,2}[0-9]){12}")
_COMPACT_DATE: Final = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_IDENTIFIER: Final = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f])",
    re.IGNORECASE,
)
_LONGEST_IDENTIFIER: Final = 64
"""Characters; nothing is looked at further away, so that a hostile text costs no more than its length."""


def passes_luhn(digits: str) -> bool:
    """Whether a run of digits satisfies the check that every payment card number does (ISO/IEC 7812-1)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = ord(digit) - 48
        if index % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def is_card(match: re.Match[str]) -> bool:
    """Whether these digits are a card number; any that may be one is, which is right where text is only blackened."""
    return passes_luhn(_digits(match)) and not _inside_identifier(match)


def holds_card_number(text: str) -> bool:
    """Whether a card number stands in `text`; what says yes to this is refused, so it is stricter than `is_card`.

    No card number begins with 0 or 1 in practice, as times in milliseconds and nanoseconds do; none is a compact date
    such as 20261125123059. Digits of other scripts and other dashes are seen through.
    """
    if len(text) < SHORTEST:
        return False
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if _GROUPED.search(text) is None:
        return False
    found = map(_digits, _GROUPED.finditer(_IDENTIFIER.sub(_without_identifier, text)))
    return any(passes_luhn(digits) and not _COMPACT_DATE.match(digits) for digits in found)


def possible_in(data: bytes) -> bool:
    """Whether `data`, JSON or headers, has to be read closely; False means that no card number is in it."""
    return _POSSIBLE.search(data) is not None or b"\\u" in data or not data.isascii()


def _digits(match: re.Match[str]) -> str:
    return "".join(filter(str.isdecimal, match.group()))


def _without_identifier(match: re.Match[str]) -> str:
    return match.group() if match.group().isdecimal() else "x"


def _inside_identifier(match: re.Match[str]) -> bool:
    text = match.string
    start = max(0, match.start() - _LONGEST_IDENTIFIER)
    around = _IDENTIFIER.finditer(text, start, match.end() + _LONGEST_IDENTIFIER)
    return any(
        one.start() <= match.start() and match.end() <= one.end() and not one.group().isdecimal() for one in around
    )
