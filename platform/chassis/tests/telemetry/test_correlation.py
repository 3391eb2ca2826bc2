import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.correlation import (
    TraceParent,
    bind_correlation_id,
    correlation_id,
    format_traceparent,
    is_valid,
    new_correlation_id,
    parse_traceparent,
)

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


@given(st.text())
def test_exactly_8_to_64_letters_digits_dashes_and_underscores_are_a_correlation_id(value: str) -> None:
    assert is_valid(value) == (re.fullmatch(r"[A-Za-z0-9_-]{8,64}", value, re.ASCII) is not None)


@pytest.mark.parametrize("value", ["abcdefgh\n", "abcdefg", "a" * 65, "abc def gh", "ünïcödé-id", ""])
def test_what_could_break_a_log_line_is_no_correlation_id(value: str) -> None:
    assert not is_valid(value)
    with pytest.raises(ValueError, match="correlation ID must be"), bind_correlation_id(value):
        pass


def test_new_ids_are_valid_and_differ() -> None:
    made = {new_correlation_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(map(is_valid, made))


async def test_tasks_inherit_the_id_and_do_not_share_a_later_one() -> None:
    async def child(value: str) -> str:
        with bind_correlation_id(value):
            await asyncio.sleep(0)
            return correlation_id()

    with bind_correlation_id("outer-id"):
        assert await asyncio.create_task(_read()) == "outer-id"
        first, second = await asyncio.gather(child("first-one"), child("second-one"))
        assert (first, second) == ("first-one", "second-one")
        assert correlation_id() == "outer-id"
    assert correlation_id() == ""


async def _read() -> str:
    return correlation_id()


@given(
    st.text("0123456789abcdef", min_size=32, max_size=32).filter(lambda value: int(value, 16) > 0),
    st.text("0123456789abcdef", min_size=16, max_size=16).filter(lambda value: int(value, 16) > 0),
    st.booleans(),
)
def test_what_is_written_is_read_again(trace_id: str, span_id: str, sampled: bool) -> None:
    position = parse_traceparent(format_traceparent(trace_id, span_id, sampled=sampled))
    assert position == TraceParent(trace_id, span_id, int(sampled))
    assert position is not None
    assert position.sampled is sampled


@given(st.text(max_size=80))
def test_any_other_text_is_refused_without_an_error(value: str) -> None:
    position = parse_traceparent(value)
    assert position is None or re.match(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", value)


@pytest.mark.parametrize(
    "value",
    [
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01-extra",
        f"00-{TRACE}-{SPAN}-01-",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-01 ",
        f"00-{TRACE}-{SPAN}-01\n",
        f"01-{TRACE}-{SPAN}-01extra",
        f"00-{TRACE[:-1]}-{SPAN}-01",
        f"0-{TRACE}-{SPAN}-01",
    ],
)
def test_malformed_traceparents_are_ignored(value: str) -> None:
    assert parse_traceparent(value) is None


def test_the_known_part_of_a_later_version_is_read() -> None:
    assert parse_traceparent(f"cc-{TRACE}-{SPAN}-09-what-the-future-holds") == TraceParent(TRACE, SPAN, 9)
    assert parse_traceparent(f"01-{TRACE}-{SPAN}-00") == TraceParent(TRACE, SPAN, 0)
