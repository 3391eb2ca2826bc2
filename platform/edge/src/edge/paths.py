"""Which request paths the edge passes on at all."""

import re

_CHARACTER = r"[A-Za-z0-9\-._~!$&'()*+,;=:@]"
_ENCODED = r"%(?!2[fF]|5[cC]|[01][0-9A-Fa-f]|7[fF])[0-9A-Fa-f]{2}"
_DOTS = r"(?:\.|%2[eE]){1,2}(?:/|$)"
_SEGMENT = rf"(?!{_DOTS})(?:{_CHARACTER}|{_ENCODED})+"
_PLAIN = re.compile(rf"(?:/{_SEGMENT})+")


def is_plain(path: str) -> bool:
    """Whether a path, as it came on the wire, means the same to every reader.

    It does when no segment is empty, ``.`` or ``..``, when no slash, backslash or control character hides in a
    percent-encoding, and when every other character is one that RFC 3986 §3.3 allows. Otherwise a service that decodes
    it could see another path than the one whose route was looked up here.
    """
    return _PLAIN.fullmatch(path) is not None
