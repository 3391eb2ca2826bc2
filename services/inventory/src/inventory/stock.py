"""Moving stock: the only code that changes a stock row, always together with the movement that explains it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from inventory import statements
from inventory.domain import Movement, change
from inventory.errors import InsufficientStock

Lines = Sequence[tuple[str, int]]
"""(sku, quantity), each SKU once."""


async def move(movement: Movement, lines: Lines, *, now: datetime) -> dict[str, int]:
    """Move lines that belong to no reservation, inside the open transaction; what is then available of each.

    Raises:
        InsufficientStock: fewer pieces are available than the movement takes.
    """
    rows = await statements.MOVE(*moving(None, movement, lines, now))
    return available(rows, lines)


def moving(reservation_id: UUID | None, movement: Movement, lines: Lines, now: datetime) -> tuple[Any, ...]:
    """The first ten values of a statement that moves stock; see `statements`."""
    piece = change(movement, 1)
    return (
        reservation_id,
        now,
        [sku for sku, _ in lines],
        [quantity for _, quantity in lines],
        movement.value,
        piece.received,
        piece.available,
        piece.reserved,
        piece.sold,
        piece.returned,
    )


def available(rows: Sequence[Any], lines: Lines) -> dict[str, int]:
    """What is available of each line, from the rows of a statement that moved them.

    Raises:
        InsufficientStock: a line was not moved, so the transaction must not commit.
    """
    left = {row["sku"]: int(row["available"]) for row in rows}
    for sku, quantity in lines:
        if sku not in left:
            raise InsufficientStock(sku, quantity)
    return left
