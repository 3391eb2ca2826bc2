"""Waiting for what is true soon, without a fixed sleep."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast, overload

T = TypeVar("T")


@overload
async def wait_until(
    condition: Callable[[], Awaitable[T]], *, timeout: float = 10.0, interval: float = 0.02, what: str = ""
) -> T: ...


@overload
async def wait_until(
    condition: Callable[[], T], *, timeout: float = 10.0, interval: float = 0.02, what: str = ""
) -> T: ...


async def wait_until(
    condition: Callable[[], T | Awaitable[T]], *, timeout: float = 10.0, interval: float = 0.02, what: str = ""
) -> T:
    """Ask `condition`, plain or async, until it answers something true; that answer.

    Args:
        condition: asked again every `interval` seconds.
        timeout: seconds after which an AssertionError names `what` was waited for and the last answer.
        interval: seconds between two questions.
        what: words for the error.
    """
    deadline = time.monotonic() + timeout
    while True:
        asked = condition()
        answer = await asked if inspect.isawaitable(asked) else cast("T", asked)
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or condition!r}; last answer {answer!r}")
        await asyncio.sleep(interval)
