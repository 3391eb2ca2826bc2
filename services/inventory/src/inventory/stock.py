"""Moving stock: the only code that changes a stock row, always together with the movement that explains it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from inventory.domain import Balance, Movement, change
from inventory.errors import InsufficientStock
from inventory.tables import Stock, StockMovement


async def move(
    movement: Movement,
    lines: Sequence[tuple[str, int]],
    *,
    now: datetime,
    reservation_id: UUID | None = None,
) -> dict[str, int]:
    """Move (sku, quantity) lines, given in SKU order, inside the open transaction; what is then available of each.

    Raises:
        InsufficientStock: fewer pieces are available than the movement takes.
    """
    available = {sku: await _apply(sku, quantity, change(movement, quantity)) for sku, quantity in lines}
    await StockMovement.insert(
        *(
            StockMovement(
                sku=sku, kind=movement.value, quantity=quantity, reservation_id=reservation_id, occurred_at=now
            )
            for sku, quantity in lines
        )
    )
    return available


async def _apply(sku: str, quantity: int, delta: Balance) -> int:
    """Change the row if enough is available, in one statement: it waits for others' changes and never oversells."""
    rows = await (
        Stock.update(
            {
                Stock.received: Stock.received + delta.received,
                Stock.available: Stock.available + delta.available,
                Stock.reserved: Stock.reserved + delta.reserved,
                Stock.sold: Stock.sold + delta.sold,
                Stock.returned: Stock.returned + delta.returned,
            }
        )
        .where(Stock.sku == sku)
        .where(Stock.available >= -delta.available)
        .returning(Stock.available)
    )
    if not rows:
        raise InsufficientStock(sku, quantity)
    return int(rows[0]["available"])
