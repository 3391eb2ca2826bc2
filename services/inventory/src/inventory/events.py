"""The events inventory publishes, and the one it consumes."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

STOCK_DEPLETED: Final = "inventory.stock.depleted.v1"
RESERVATION_EXPIRED: Final = "inventory.reservation.expired.v1"
ORDER_CANCELLED: Final = "orders.order.cancelled.v1"


class StockDepleted(Struct, frozen=True):
    """The last available piece of a product was reserved."""

    sku: str
    depleted_at: datetime


class ReservationExpired(Struct, frozen=True):
    """A reservation was held too long, and its stock is available again."""

    reservation_id: UUID
    order_id: UUID
    expired_at: datetime


class OrderCancelled(Struct, frozen=True):
    """An order came to nothing: what inventory reads of it."""

    order_id: UUID


PUBLISHES: Final = {
    STOCK_DEPLETED: StockDepleted,
    RESERVATION_EXPIRED: ReservationExpired,
}
"""The data of each event type, for asyncapi.json."""
