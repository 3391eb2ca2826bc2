"""Load the demo catalogue: `python -m inventory.seed`, as often as wanted."""

import asyncio
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from chassis.persistence import Database, DatabaseSettings, transaction
from chassis.settings import ChassisSettings
from inventory.domain import Movement
from inventory.stock import move
from inventory.tables import Product, Stock

AMPLE = 1_000_000


class Demo(NamedTuple):
    """A product of the demo catalogue; the price is in euro cents, the stock in pieces."""

    sku: str
    name: str
    price_minor: int
    stock: int = AMPLE


CATALOGUE: Final = (
    Demo("BEACON-LAMP", "Beacon desk lamp", 4990),
    Demo("BELL-BRASS", "Brass ship's bell", 3450),
    Demo("CHART-HARBOUR", "Harbour chart, framed", 5900),
    Demo("COMPASS-POCKET", "Pocket compass", 2490),
    Demo("FOGHORN-HAND", "Hand-cranked foghorn", 7990),
    Demo("LANTERN-STORM", "Storm lantern", 3290),
    Demo("MUG-BLUE", "Blue enamel mug", 1250),
    Demo("MUG-WHITE", "White enamel mug", 1250),
    Demo("ROPE-10M", "Hemp rope, 10 m", 1890),
    Demo("SCARF-WOOL", "Woollen scarf", 2950),
    Demo("SOLD-OUT-SEXTANT", "Sextant (sold out, to see an order without stock)", 24900, stock=0),
    Demo("TELESCOPE-BRASS", "Brass telescope", 12900),
    Demo("TIDE-CLOCK", "Tide clock", 6490),
)


async def seed(environ: Mapping[str, str]) -> None:
    """Add the demo products that are not there yet, with their first stock.

    Raises:
        ConfigurationError: a variable is missing or wrong.
    """
    settings = ChassisSettings.from_environ(environ)
    async with Database(DatabaseSettings.from_chassis(settings)):
        for demo in CATALOGUE:
            await add(demo)


async def add(demo: Demo) -> None:
    """Add one product, unless its SKU is there."""
    now = datetime.now(UTC)
    product = Product(sku=demo.sku, name=demo.name, price_minor=demo.price_minor, currency="EUR", created_at=now)
    async with transaction():
        added = await Product.insert(product).on_conflict(target=Product.sku, action="DO NOTHING")
        if not added:
            return
        await Stock.insert(Stock(sku=demo.sku, received=0, available=0, reserved=0, sold=0, returned=0))
        if demo.stock:
            await move(Movement.RECEIVED, [(demo.sku, demo.stock)], now=now)


if __name__ == "__main__":
    asyncio.run(seed(os.environ))
