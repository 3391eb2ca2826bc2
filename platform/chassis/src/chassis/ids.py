"""Identifiers for rows and events: unique everywhere, and sorted by the time they were made."""

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new UUID of version 7 (RFC 9562 5.7): 48 bits of Unix time in milliseconds, then 74 random bits.

    Rows keyed by it are appended to an index, and its order is the order of a cursor page.
    """
    return make_uuid7(time.time_ns() // 1_000_000, secrets.randbits(74))


def make_uuid7(unix_ms: int, random_bits: int) -> UUID:
    """The version 7 UUID of this moment (milliseconds since 1970) and these 74 random bits."""
    upper, lower = random_bits >> 62 & 0xFFF, random_bits & (1 << 62) - 1
    return UUID(int=(unix_ms & (1 << 48) - 1) << 80 | 0x7 << 76 | upper << 64 | 0b10 << 62 | lower)
