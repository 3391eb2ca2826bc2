"""New keys for a running system: which keys an issuer's file holds after a rotation. Pure."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

LEAD_S: Final = 900.0
"""A new key is published this long before it is signed with: verifiers read key sets anew every ten minutes."""
LONGEST_TOKEN_S: Final = 3600.0
"""The longest life of any token; a key is published for so long after the last token was signed with it."""

Key = Mapping[str, Any]


def keys_of(document: Mapping[str, Any]) -> list[Key]:
    """The private keys in a file's document, one JWK or a set, in the order of their use."""
    listed = document.get("keys", [document])
    return sorted(listed, key=_begins)


def rotated(document: Mapping[str, Any], new: Key, *, now: float, lead: float = LEAD_S) -> dict[str, Any]:
    """The file's document after a rotation at `now` (Unix time): `new` is signed with in `lead` seconds.

    A key that was to be used later than `now` gives way to the new one; one whose tokens have all ended is left out.
    """
    begun = [key for key in keys_of(document) if _begins(key) <= now]
    live = [key for key, after in pairwise(begun) if _begins(after) > now - LONGEST_TOKEN_S]
    return {"keys": [*live, *begun[-1:], {**new, "use_from": int(now + lead)}]}


def _begins(key: Key) -> float:
    return float(key.get("use_from", 0))
