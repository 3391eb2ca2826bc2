"""Where a request's priority comes from."""

import asyncio

import pytest

from chassis.resilience.priority import Priority, bind_priority, current_priority, priority_from_header


def test_work_that_no_request_began_is_in_the_background() -> None:
    assert current_priority() is Priority.BACKGROUND


async def test_tasks_inherit_it() -> None:
    async def ask() -> Priority:
        return current_priority()

    with bind_priority(Priority.PREFETCH):
        inherited = asyncio.create_task(ask())
    assert await inherited is Priority.PREFETCH
    assert current_priority() is Priority.BACKGROUND


@pytest.mark.parametrize("value", [None, b"", b"user", b"USER", b"highest", b"\xff", b"7"])
def test_nothing_a_caller_says_is_more_than_user_facing(value: bytes | None) -> None:
    assert priority_from_header(value) is Priority.USER


@pytest.mark.parametrize("priority", Priority)
def test_the_word_is_read_back(priority: Priority) -> None:
    assert priority_from_header(priority.word.encode()) is priority
