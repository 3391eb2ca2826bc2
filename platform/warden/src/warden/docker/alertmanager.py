"""Telling Alertmanager of alerts, again and again while they are due: it forgets what nobody repeats."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec
from loguru import logger

from warden.alerts import Alert, over
from warden.probe import http_answer

_REPEAT_SECONDS = 60.0  # well within its resolve_timeout of 5 min
_LOOK_SECONDS = 1.0
_SECONDS = 5.0


@dataclass(slots=True)
class Alertmanager:
    """The one at this address. It may have been left out: then there is nobody to tell."""

    host: str
    port: int
    due: Callable[[], Sequence[Alert]]
    _told: list[Alert] = field(default_factory=list)
    _at: float = float("-inf")  # monotonic seconds

    async def run(self) -> None:
        """Keep it informed, until cancelled; what it could not be told is tried again."""
        failing = False
        while True:
            try:
                await self._inform(list(self.due()))
                failing = False
            except OSError as error:
                if not failing:
                    logger.warning("alertmanager cannot be told of alerts: {}", error)
                failing = True
            await asyncio.sleep(_LOOK_SECONDS)

    async def _inform(self, due: list[Alert]) -> None:
        repeated = due if due != self._told or time.monotonic() - self._at > _REPEAT_SECONDS else []
        if alerts := [*repeated, *over(self._told, due, time.time())]:
            await self._post(msgspec.json.encode(alerts))
            self._told, self._at = due, time.monotonic()

    async def _post(self, body: bytes) -> None:
        head = (
            f"POST /api/v2/alerts HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(self.host, self.port)
            try:
                writer.write(head.encode() + body)
                status, answer = http_answer(await reader.read())
            finally:
                writer.close()
        if status != 200:
            raise ConnectionError(f"HTTP {status} {answer[:300].decode(errors='replace')}")
