"""What is said of a rollout while it goes on, for those who follow it."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

Line = dict[str, Any]
"""``step`` and what belongs to it; or ``outcome``: ``deployed``, ``rolled-back``, or ``held`` for the time being."""


class Course:
    """One rollout, from its beginning to its end."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._lines: list[Line] = []
        self._news = asyncio.Event()

    def say(self, **line: Any) -> None:
        """Tell everybody who follows."""
        self._lines.append(line)
        self._news.set()
        self._news = asyncio.Event()

    async def follow(self) -> AsyncGenerator[Line, None]:
        """What is said from now on, without end."""
        position = len(self._lines)
        while True:
            while position < len(self._lines):
                yield self._lines[position]
                position += 1
            await self._news.wait()
