"""How deep a JSON text goes, without parsing it."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chassis.http.depth import is_deeper

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=40,
)


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@given(values, st.integers(0, 8), st.booleans())
def test_it_is_what_a_parser_would_find(value: Any, limit: int, ascii_only: bool) -> None:
    assert is_deeper(json.dumps(value, ensure_ascii=ascii_only).encode(), limit) == (depth_of(value) > limit)


@given(st.binary(max_size=300), st.integers(1, 20))
def test_any_bytes_get_an_answer(text: bytes, limit: int) -> None:
    assert is_deeper(text, limit) in {True, False}


def test_quotes_that_never_end_take_no_longer_than_the_text() -> None:
    """A megabyte of escaped quotes after an open one: tried anew at each quote this would take hours."""
    assert not is_deeper(b"[" * 3 + b'"' + b'\\"' * 500_000 + b"[" * 50, 32)
