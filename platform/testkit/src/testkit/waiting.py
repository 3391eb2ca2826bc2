"""Waiting for what is true soon, without a fixed sleep."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict, TypeVar, Unpack, overload

T = TypeVar("T")


class Patience(TypedDict, total=False):
    """How to wait.

    Attributes:
        timeout: seconds until an AssertionError, 10 by default.
        interval: seconds between two questions, 0.02 by default.
        what: words for the error.
    """

    timeout: float
    interval: float
    what: str


@overload
async def wait_until(condition: Callable[[], Awaitable[T]], **patience: Unpack[Patience]) -> T: ...


@overload
async def wait_until(condition: Callable[[], T], **patience: Unpack[Patience]) -> T: ...


async def wait_until(condition: Callable[[], Any], **patience: Unpack[Patience]) -> Any:
    """Ask `condition`, plain or async, until it answers something true; that answer.

    Raises:
        AssertionError: the time is over; it names what was waited for and the last answer.
    """
    timeout = patience.get("timeout", 10.0)
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() > deadline:
            what = patience.get("what") or repr(condition)
            raise AssertionError(f"not within {timeout} s: {what}; last answer {answer!r}")
        await asyncio.sleep(patience.get("interval", 0.02))
