"""How deep the arrays and objects of a JSON text lie inside each other, told without parsing it.

A parser that recurses ends at the interpreter's own limit, which is no answer to a caller; so the depth is looked at
before.
"""

import re

# A string is taken as one piece, also one that never ends: else each quote in it would be tried as a beginning.
_PIECES = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_OPENING = frozenset((b"[", b"{"))
_CLOSING = frozenset((b"]", b"}"))


def is_deeper(text: bytes, limit: int) -> bool:
    """Whether more than `limit` arrays and objects lie inside each other; brackets inside strings do not count."""
    if text.count(b"[") + text.count(b"{") <= limit:
        return False
    depth = 0
    for match in _PIECES.finditer(text):
        piece = match.group()
        if piece in _OPENING:
            depth += 1
            if depth > limit:
                return True
        elif piece in _CLOSING:
            depth -= 1
    return False
