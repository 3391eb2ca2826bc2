"""Reading a compact JWS (RFC 7515 §7.1) strictly: what two readers could understand differently is refused.

Libraries drop foreign characters from base64url, and take the last of two members with one name. Here exactly one text
stands for each token: three parts, base64url without padding or spare bits, and JSON objects that name nothing twice.
"""

import base64
import binascii
import json
import re
from typing import Any, Final, NamedTuple

_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


class Parts(NamedTuple):
    """A token taken apart; nothing of it is verified."""

    header: dict[str, Any]
    payload: dict[str, Any]


def read_compact(token: str) -> Parts:
    """The header and the payload of a token.

    Raises:
        ValueError: it is not of that form.
    """
    form = _FORM.fullmatch(token)
    if form is None:
        raise ValueError("not three parts of base64url")
    header, payload, signature = form.groups()
    _decode(signature)
    return Parts(_object(_decode(header)), _object(_decode(payload)))


def _decode(part: str) -> bytes:
    try:
        decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise ValueError("not base64url") from None
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != part:
        raise ValueError("base64url with spare bits")
    return decoded


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a token's fault, not a caller's
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
