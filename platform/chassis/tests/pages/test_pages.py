"""Cursors come back as they were given out, and nothing else is taken for one."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.pages import AwareTime, InvalidCursor, cut, decode_cursor, encode_cursor

times = st.datetimes(timezones=st.just(UTC))


@given(times, st.uuids())
def test_a_cursor_gives_back_its_keys(moment: datetime, key: UUID) -> None:
    assert decode_cursor(encode_cursor((moment, key)), tuple[AwareTime, UUID]) == (moment, key)


@given(st.text(max_size=60))
def test_any_other_text_is_refused_by_its_field(text: str) -> None:
    with pytest.raises(InvalidCursor) as caught:
        decode_cursor(text, tuple[AwareTime, UUID])
    assert caught.value.extra["errors"][0]["field"] == "cursor"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor(encode_cursor(("2026-01-01T00:00:00", UUID(int=1))), tuple[AwareTime, UUID])


@given(st.lists(st.integers(), unique=True, max_size=12).map(sorted), st.integers(1, 5))
def test_pages_together_are_the_listing(rows: list[int], limit: int) -> None:
    seen: list[int] = []
    cursor: str | None = None
    while True:
        after = decode_cursor(cursor, tuple[int])[0] if cursor else None
        asked = [row for row in rows if after is None or row > after][: limit + 1]
        page = cut(asked, limit, lambda row: (row,))
        seen += page.rows
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == rows
