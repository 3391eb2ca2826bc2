"""Reads: what was told to whom, and the books as an audit sees them."""

from collections.abc import Sequence
from uuid import UUID

from chassis.pages import Cut, cut, decode_cursor
from notifications.errors import NotificationNotFound
from notifications.letters import Row
from notifications.tables import Notification


async def get_notification(notification_id: UUID) -> Row:
    """One notification.

    Raises:
        NotificationNotFound: there is none.
    """
    rows: Sequence[Row] = await Notification.select().where(Notification.notification_id == notification_id)
    if not rows:
        raise NotificationNotFound
    return rows[0]


async def list_notifications(*, order_id: str | None, limit: int, cursor: str | None) -> Cut[Row]:
    """Every notification, or those about one order, in the order of their arrival.

    Raises:
        InvalidCursor: the cursor is not one of this list.
    """
    query = Notification.select().order_by(Notification.notification_id).limit(limit + 1)
    if order_id is not None:
        query = query.where(Notification.order_id == order_id)
    if cursor is not None:
        query = query.where(Notification.notification_id > decode_cursor(cursor, tuple[UUID])[0])
    rows: Sequence[Row] = await query
    return cut(rows, limit, lambda row: (row["notification_id"],))


async def total_notifications() -> list[Row]:
    """How many notifications there are, by kind and status."""
    rows: list[Row] = await Notification.raw(
        "SELECT kind, status, count(*) AS notifications FROM notification GROUP BY kind, status ORDER BY kind, status"
    )
    return rows
