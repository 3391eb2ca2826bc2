"""What makes two requests the same one: caller, operation, key and content."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

import msgspec

from chassis.idempotency.errors import KeyInvalid, KeyMissing

HEADER: Final = "Idempotency-Key"
MAX_LENGTH: Final = 255
_PRINTABLE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Identity:
    """One request under a key; `scope` is who asked for what, `fingerprint` the SHA-256 of what it said."""

    scope: str
    key: str
    fingerprint: bytes


def check_key(values: list[str]) -> str:
    """The key, from the values of the header.

    Raises:
        KeyMissing: not exactly one, or an empty one.
        KeyInvalid: longer than 255 characters, or not printable ASCII.
    """
    if len(values) != 1 or not values[0].strip():
        raise KeyMissing(f"Send exactly one {HEADER} header with a key that is new for each operation you want done.")
    key = values[0].strip()
    if len(key) > MAX_LENGTH:
        raise KeyInvalid(f"{HEADER} has {len(key)} characters; at most {MAX_LENGTH} are allowed.")
    if _PRINTABLE.fullmatch(key) is None:
        raise KeyInvalid(f"{HEADER} must be printable ASCII.")
    return key


def fingerprint(method: str, path: str, query: bytes, body: bytes) -> bytes:
    """SHA-256 of a request. JSON that says the same in another order or spacing has the same."""
    digest = hashlib.sha256()
    for part in (method.encode(), path.encode(), query, _canonical(body)):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def _canonical(body: bytes) -> bytes:
    try:
        return msgspec.json.encode(msgspec.json.decode(body), order="deterministic")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body
