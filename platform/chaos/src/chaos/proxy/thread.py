"""A relay on a thread of its own."""

import asyncio
import threading
from typing import Self

from chaos.proxy.relay import Relay
from chaos.proxy.toxics import Toxic


class Proxy:
    """A context manager; connections to `url` reach the port on loopback, as the toxic lets them."""

    def __init__(self, upstream: int, toxic: Toxic) -> None:
        self._relay = Relay(upstream, toxic)
        self._begun = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._begun.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """Its address, for what speaks HTTP."""
        return f"http://127.0.0.1:{self._relay.port}"

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with self._relay:
            self._begun.set()
            await self._over.wait()
