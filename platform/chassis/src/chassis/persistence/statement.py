"""What a SQL statement is called in telemetry."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

_IDENTIFIER: Final = r'"?(?:[A-Za-z_]\w*"?\."?)?(?P<table>[A-Za-z_]\w*)"?'
_TARGET: Final = {
    "SELECT": re.compile(rf"\bFROM\s+{_IDENTIFIER}", re.IGNORECASE),
    "DELETE": re.compile(rf"\bFROM\s+{_IDENTIFIER}", re.IGNORECASE),
    "INSERT": re.compile(rf"\bINTO\s+{_IDENTIFIER}", re.IGNORECASE),
    "UPDATE": re.compile(rf"\bUPDATE\s+(?:ONLY\s+)?{_IDENTIFIER}", re.IGNORECASE),
}
_WORD: Final = re.compile(r"\s*([A-Za-z]+)")
_WRITE: Final = re.compile(r"\b(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+[\w.\"]+\s+SET)\b", re.IGNORECASE)
_READ: Final = re.compile(r"\bSELECT\b", re.IGNORECASE)
_OPERATIONS: Final = frozenset({
    "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE",
    "CREATE", "ALTER", "DROP", "LOCK", "SHOW", "SET", "TRUNCATE",
})  # fmt: skip
MAX_TEXT: Final = 4096
"""Characters of a statement that are kept in a span."""


class Statement(NamedTuple):
    """A statement as spans and metrics name it; `text` holds placeholders, never values."""

    operation: str
    table: str
    text: str

    @property
    def summary(self) -> str:
        """The span's name: the operation and, where there is one, the table."""
        return f"{self.operation} {self.table}" if self.table else self.operation


@lru_cache(maxsize=1024)
def describe(text: str) -> Statement:
    """Name a statement by its first word and the first table it touches; after WITH, by what it writes first."""
    leading = _leading(text)
    word = _WORD.match(leading)
    operation = word[1].upper() if word else ""
    if operation not in _OPERATIONS:
        operation = "OTHER"
    pattern = _TARGET.get(operation)
    target = pattern.search(leading) if pattern else None
    return Statement(operation, target["table"] if target else "", text[:MAX_TEXT])


def _leading(text: str) -> str:
    """What the statement is named by: after WITH, the first of its parts that writes, or else the first that reads."""
    word = _WORD.match(text)
    if word is None or word[1].upper() != "WITH":
        return text
    named = _WRITE.search(text) or _READ.search(text)
    return text[named.start() :] if named else text
