"""The operator of a running system, who may ask services what customers may not."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any, Self

from chassis.auth.keys import SigningKey
from chassis.auth.tokens import ServiceTokens
from chassis.client import ClientConfig, ServiceClient
from chassis.discovery import open_discovery
from chassis.environment import Secret
from chassis.errors import PharosError
from support.system import System
from warden.layout import StateFolder
from warden.secrets import OPERATOR

PATIENCE_S = 60.0
PAGE = 100


class Operator:
    """Calls the services of one embedded system with the operator's own key; an asynchronous context manager."""

    def __init__(self, system: System) -> None:
        state = StateFolder(system.state)
        key = SigningKey.parse(Secret((state.secrets / f"key-{OPERATOR}.jwk").read_text()), source="the operator's key")
        self._client = ServiceClient(
            open_discovery(f"file:{state.endpoints}"),
            token_for=ServiceTokens(OPERATOR, key).token_for,
            config=ClientConfig(),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def stock_up(self, pieces: int) -> list[str]:
        """Receive so many pieces of every product that is in stock; their SKUs."""
        skus = [one["sku"] async for one in self._pages("inventory", "/audit/stock") if one["available"] > 0]
        for sku in skus:
            body = {"sku": sku, "quantity": pieces}
            await self._ask("inventory", "POST", "/restocks", json=body, idempotency_key=str(uuid.uuid4()))
        return skus

    async def orders(self) -> set[str]:
        """Every order there is."""
        return {one["order_id"] async for one in self._pages("orders", "/audit/orders")}

    async def open_sagas(self) -> int:
        """How many sagas have not ended."""
        page = await self._ask("orders", "GET", "/audit/sagas", query={"open": True, "limit": 1})
        count: int = page["totals"]["open"]
        return count

    async def _pages(self, service: str, path: str) -> AsyncIterator[dict[str, Any]]:
        cursor = None
        while True:
            page = await self._ask(service, "GET", path, query={"limit": PAGE, "cursor": cursor})
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def _ask(self, service: str, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Ask until the service, which may be on its way back, answers."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    return await self._client.request(
                        service, method, path, operation=path, response=dict[str, Any], **options
                    )
                except PharosError as error:
                    if error.status < 500:
                        raise
                    await asyncio.sleep(0.2)
