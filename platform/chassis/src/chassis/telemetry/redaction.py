"""Secrets, tokens, card numbers and line breaks are taken out before anything reaches a sink.

Three rules: a value under a telling key is replaced whole; inside text, token shapes, `key=value` pairs with a telling
key and Luhn-valid runs of 13 to 19 digits are replaced; control characters are shown as escapes, so that one value can
never look like two lines.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from chassis.cards import CANDIDATE, SHORTEST, is_card, passes_luhn

REDACTED: Final = "[redacted]"
STACK_KEY: Final = "exception.stacktrace"
"""The one field whose value may have several lines: they are ours."""
_MAX_DEPTH: Final = 6
_INT64: Final = 2**63
"""OTLP has no larger integer, and a backend refuses the whole batch for one; beyond it they are sent as text."""

_SECRET_WORD: Final = (
    r"passw(?:or)?d|passwd|passphrase|secret|tokens?|authorization|authorisation|cookies?|credentials?"  # noqa: S105
    r"|api[_.-]?key|private[_.-]?key|signing[_.-]?key|card[_.-]?number|cvv2?|cvc2?|pan"
)
_SECRET_KEY: Final = re.compile(rf"(?i)(?:^|[^a-z])(?:{_SECRET_WORD})(?:$|[^a-z])|password|secret")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*)?")
_SCHEMES: Final = ("bearer", "basic", "digest")
_SCHEME: Final = re.compile(r"(?i:\b(?:bearer|basic|digest)[ \t]+)[A-Za-z0-9._~+/=-]{4,}")
_KEY: Final = re.compile(r"(?<![A-Za-z0-9_.-])([A-Za-z_][A-Za-z0-9_.-]*+)[\"']?[ \t]*+[:=][ \t]*+")
_VALUE: Final = re.compile(r"\[redacted\]|\"[^\"]*\"|'[^']*'|(?i:(?:bearer|basic|digest)[ \t]+)?[^\s\"',;&}\])]+")
_USERINFO: Final = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_DIGITS: Final = re.compile(r"[0-9][0-9 -]{11,}[0-9]")
_CONTROL: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST_KEY: Final = 128
"""Characters of a key whose judgement is remembered; longer ones come from hostile text and would fill the memory."""


def is_secret_key(key: str) -> bool:
    """Whether a field of this name is replaced whole, whatever its value."""
    return _remembered(key) if len(key) <= _LONGEST_KEY else _tells_secret(key)


def _tells_secret(key: str) -> bool:
    return _SECRET_KEY.search(_CAMEL.sub("_", key).lower()) is not None


_remembered: Final = lru_cache(4096)(_tells_secret)


def redact_text(text: str) -> str:
    """The text without secrets and with its control characters escaped; tabs stay."""
    if "://" in text:
        text = _USERINFO.sub(REDACTED, text)
    if "=" in text or ":" in text:
        text = _redact_pairs(text)
    if "eyJ" in text:
        text = _JWT.sub(REDACTED, text)
    if " " in text or "\t" in text:
        text = _redact_schemes(text)
    if len(text) >= SHORTEST and _DIGITS.search(text) is not None:
        text = CANDIDATE.sub(_replace_card, text)
    if not text.isprintable():
        text = _CONTROL.sub(_escape_control, text)
    return text


def redact_lines(text: str) -> str:
    """As `redact_text` for text whose own line breaks are wanted, as in a stack trace."""
    return "\n".join(redact_text(line) for line in text.split("\n"))


def redact_value(key: str, value: Any, depth: int = 0) -> Any:  # noqa: PLR0911 - one for each kind of value
    """The value to emit under `key`: strings cleaned, containers walked, card numbers given as integers replaced."""
    if is_secret_key(key):
        return REDACTED
    if isinstance(value, str):
        return redact_lines(value) if key == STACK_KEY else redact_text(value)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return _redact_integer(value)
    if depth >= _MAX_DEPTH:
        return "[too deep]"
    if isinstance(value, Mapping):
        return {redact_text(str(k)): redact_value(str(k), v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value("", item, depth + 1) for item in value]
    return redact_text(value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value))


def _redact_pairs(text: str) -> str:
    parts: list[str] = []
    done = 0
    for key in _KEY.finditer(text):
        if key.start() < done or not is_secret_key(key.group(1)):
            continue
        value = _VALUE.match(text, key.end())
        if value is not None:
            parts += (text[done : key.end()], REDACTED)
            done = value.end()
    return "".join([*parts, text[done:]]) if parts else text


def _redact_schemes(text: str) -> str:
    lower = text.lower()
    return _SCHEME.sub(REDACTED, text) if any(scheme in lower for scheme in _SCHEMES) else text


def _replace_card(match: re.Match[str]) -> str:
    return REDACTED if is_card(match) else match.group()


def _redact_integer(value: int) -> int | str:
    if _is_card_integer(value):
        return REDACTED
    return value if -_INT64 <= value < _INT64 else str(value)


def _is_card_integer(value: int) -> bool:
    # Card numbers begin with 2 to 6; times in milliseconds and nanoseconds begin with 1.
    digits = str(value)
    return 13 <= len(digits) <= 19 and "2" <= digits[0] <= "6" and passes_luhn(digits)


def _escape_control(match: re.Match[str]) -> str:
    code = ord(match.group())
    return {10: "\\n", 13: "\\r"}.get(code) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
