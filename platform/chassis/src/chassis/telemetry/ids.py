"""Random trace and span identifiers."""

import os
import random

_bits = random.Random(os.urandom(32)).getrandbits  # noqa: S311 - identifiers must be unique, not secret


def reseed() -> None:
    """Take a new seed; a forked child must not repeat its parent's identifiers."""
    global _bits  # noqa: PLW0603 - the fork hook replaces the process's generator
    _bits = random.Random(os.urandom(32)).getrandbits  # noqa: S311


os.register_at_fork(after_in_child=reseed)


def new_trace_id() -> str:
    """32 lower-case hexadecimal digits, never all zero."""
    return f"{_bits(128) or 1:032x}"


def new_span_id() -> str:
    """16 lower-case hexadecimal digits, never all zero."""
    return f"{_bits(64) or 1:016x}"
