"""A UUID of version 7 is valid and sorts by its time."""

from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import make_uuid7, uuid7

moments = st.integers(min_value=0, max_value=(1 << 48) - 1)
randoms = st.integers(min_value=0, max_value=(1 << 74) - 1)


@given(moments, randoms)
def test_it_is_a_version_7_uuid_of_that_moment(unix_ms: int, random_bits: int) -> None:
    made = make_uuid7(unix_ms, random_bits)
    assert made.version == 7
    assert made.variant == RFC_4122
    assert made.int >> 80 == unix_ms


@given(st.integers(min_value=0, max_value=(1 << 48) - 2), randoms, randoms)
def test_later_is_greater(unix_ms: int, earlier_bits: int, later_bits: int) -> None:
    assert make_uuid7(unix_ms, earlier_bits) < make_uuid7(unix_ms + 1, later_bits)


@given(moments, randoms, randoms)
def test_no_random_bit_is_lost(unix_ms: int, first: int, second: int) -> None:
    assert (make_uuid7(unix_ms, first) == make_uuid7(unix_ms, second)) == (first == second)


def test_two_made_in_a_row_differ() -> None:
    assert uuid7() != uuid7()
