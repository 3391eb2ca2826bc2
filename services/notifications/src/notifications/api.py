"""The HTTP API of notifications: reads for operators, nothing for customers."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from chassis.pages import DEFAULT_LIMIT, MAX_LIMIT
from chassis.telemetry import annotate
from notifications import names, queries
from notifications.domain import Kind
from notifications.letters import Row, Status

ID = "019a8f3e-5a77-7c1e-8a55-0c9d5f1f4a10"

NotificationId = Annotated[UUID, Meta(examples=[ID], description="Identifier of the notification.")]
Moment = Annotated[datetime, Meta(examples=["2026-03-01T12:00:00Z"])]
NextCursor = Annotated[str | None, Meta(description="Where the next page begins; null on the last one.")]
Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Most items in the page.")]
Cursor = Annotated[str | None, QueryParameter(max_length=200, description="`next_cursor` of the page before.")]
OfOrder = Annotated[UUID | None, QueryParameter(name="order_id", description="Only those about this order.")]


class NotificationSummary(Struct, frozen=True, kw_only=True):
    """A notification without what it says and to whom."""

    notification_id: NotificationId
    event_id: Annotated[str, Meta(examples=[ID], description="The event it tells of.")]
    kind: Kind
    status: Status
    order_id: Annotated[str | None, Meta(examples=[ID])]
    message_id: Annotated[str, Meta(examples=[f"<{ID}@notifications.pharos.example>"])]
    attempts: Annotated[int, Meta(examples=[1])]
    last_error: Annotated[str | None, Meta(examples=[None])]
    correlation_id: Annotated[str, Meta(examples=["3f1c2a9be7d84c51"])]
    created_at: Moment
    sent_at: Moment | None

    @classmethod
    def of(cls, row: Row) -> Self:
        """The notification of a row."""
        values = {name: row[name] for name in cls.__struct_fields__}
        return cls(**values | {"kind": Kind(row["kind"]), "status": Status(row["status"])})


class Notification(NotificationSummary, frozen=True, kw_only=True):
    """A notification with the copy of what was sent; null until then."""

    customer_id: Annotated[str | None, Meta(examples=[ID])]
    recipient: Annotated[str | None, Meta(examples=["ada@example.org"])]
    subject: Annotated[str | None, Meta(examples=[f"Your order {ID} is confirmed"])]
    body_text: Annotated[str | None, Meta(examples=["Hello Ada,\n\n…"])]
    body_html: Annotated[str | None, Meta(examples=["<p>Hello Ada,</p>"])]


class NotificationPage(Struct, frozen=True):
    """Notifications in the order of their arrival."""

    items: list[NotificationSummary]
    next_cursor: NextCursor


class NotificationTotal(Struct, frozen=True):
    """How many notifications of a kind have a status."""

    kind: Kind
    status: Status
    notifications: Annotated[int, Meta(examples=[42])]


class AuditedNotifications(Struct, frozen=True):
    """Notifications in the order of their arrival, and on the first page how many there are."""

    items: list[NotificationSummary]
    next_cursor: NextCursor
    totals: list[NotificationTotal]


class NotificationsController(Controller):
    """What was told to customers."""

    path = "/notifications"
    tags = ("notifications",)

    @get("/", operation_id="list_notifications", auth="service", summary="List notifications")
    async def list(
        self, of_order: OfOrder = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> NotificationPage:
        """Notifications in the order of their arrival, of one order or of all."""
        order_id = None if of_order is None else str(of_order)
        rows, next_cursor = await queries.list_notifications(order_id=order_id, limit=limit, cursor=cursor)
        return NotificationPage([NotificationSummary.of(row) for row in rows], next_cursor)

    @get("/{notification_id:uuid}", operation_id="get_notification", auth="service", summary="Show a notification")
    async def show(self, notification_id: FromPath[UUID]) -> Notification:
        """One notification with the copy of what was sent; 404 `notification-not-found`."""
        annotate({names.NOTIFICATION_ID: str(notification_id)})
        return Notification.of(await queries.get_notification(notification_id))


@get(
    "/audit/notifications",
    operation_id="audit_notifications",
    auth="service",
    summary="Audit notifications",
    tags=["audit"],
)
async def audit_notifications(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> AuditedNotifications:
    """Every notification in the order of its arrival, with the totals of all of them on the first page."""
    totals = [] if cursor else [_total(row) for row in await queries.total_notifications()]
    rows, next_cursor = await queries.list_notifications(order_id=None, limit=limit, cursor=cursor)
    return AuditedNotifications([NotificationSummary.of(row) for row in rows], next_cursor, totals)


def _total(row: Row) -> NotificationTotal:
    return NotificationTotal(Kind(row["kind"]), Status(row["status"]), row["notifications"])
