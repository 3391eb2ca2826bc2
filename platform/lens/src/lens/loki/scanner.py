"""Text of a log query to tokens, and the one error of it, which says where and what is understood."""

import json
import re
from collections.abc import Iterator
from typing import Literal

import msgspec

SUPPORTED = (
    'lens understands {name="value", …} with = != =~ !~, then line filters |= != |~ !~ with "text" or `text`, '
    'and label filters | name="value" joined by and, or, a comma and parentheses'
)
TokenKind = Literal["name", "text", "sign", "end"]
_SIGNS = ("|=", "|~", "!=", "!~", "=~", "|", "=", "{", "}", "(", ")", ",")
_TOKEN = re.compile(
    r"""\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?P<sign>"""
    + "|".join(map(re.escape, _SIGNS))
    + r"))"
)
_SPACE = re.compile(r"\s*")


class LogQueryError(Exception):
    """A query that lens does not understand; `position` counts characters from 1."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(f"parse error at character {position}: {problem}; {SUPPORTED}")
        self.position = position


class Token(msgspec.Struct, frozen=True):
    """One token; `value` of a text is what stands between the quotes, unescaped."""

    kind: TokenKind
    value: str
    position: int


def scan(query: str) -> Iterator[Token]:
    """The tokens of a query and a last one of kind `end`; raises LogQueryError."""
    place = 0
    while found := _TOKEN.match(query, place):
        kind = found.lastgroup
        position = found.start(kind or 0) + 1
        text = found.group(kind or 0)
        if kind == "text":
            yield Token("text", _unquote(text, position), position)
        else:
            yield Token("name" if kind == "name" else "sign", text, position)
        place = found.end()
    rest = _SPACE.match(query, place)
    end = rest.end() if rest else place
    if end < len(query):
        raise LogQueryError(end + 1, f"unexpected {query[end]!r}")
    yield Token("end", "", end + 1)


def _unquote(quoted: str, position: int) -> str:
    if quoted.startswith("`"):
        return quoted[1:-1]
    try:
        text = str(json.loads(quoted, strict=False))
        text.encode()
    except ValueError as error:
        raise LogQueryError(position, f"bad escape in {quoted}") from error
    return text
