"""Messages in the database: taken up under a lease to be sent, and kept as they were sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import msgspec

from chassis.persistence import Prepared
from notifications.domain import Facts, Kind, Message, message_id
from notifications.tables import Notification

Row = Mapping[str, Any]


class Status(StrEnum):
    """What became of a message."""

    PENDING = "pending"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What an event leads to: a message of some kind about these facts."""

    notification_id: UUID
    event_id: str
    kind: Kind
    facts: Facts
    order_id: str | None
    customer_id: str | None
    traceparent: str
    correlation_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A message this process is to send."""

    notification_id: UUID
    kind: Kind
    facts: Facts
    order_id: str | None
    customer_id: str | None
    message_id: str
    attempts: int
    lease_token: UUID
    traceparent: str
    correlation_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to whom."""

    recipient: str = field(repr=False)
    message: Message = field(repr=False)


_NOTE = Prepared("""
    INSERT INTO notification (notification_id, event_id, kind, status, order_id, customer_id, facts, message_id,
        next_attempt_at, traceparent, correlation_id, created_at)
    VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9, $10, $8) ON CONFLICT (event_id) DO NOTHING
""")
_TAKE = Prepared("""
    UPDATE notification SET lease_token = $1, lease_expires_at = $2, attempts = attempts + 1
    FROM (
        SELECT notification_id AS due FROM notification
        WHERE status = 'pending' AND next_attempt_at <= $3 AND (lease_token IS NULL OR lease_expires_at < $3)
        ORDER BY next_attempt_at LIMIT $4 FOR UPDATE SKIP LOCKED
    ) AS found
    WHERE notification_id = due RETURNING notification.*
""")
_CUSTOMER_OF = Prepared("SELECT customer_id FROM notification WHERE order_id = $1 AND customer_id IS NOT NULL LIMIT 1")
_SENT = Prepared("""
    UPDATE notification SET status = 'sent', recipient = $3, subject = $4, body_text = $5, body_html = $6, sent_at = $7,
        last_error = NULL, lease_token = NULL, lease_expires_at = NULL
    WHERE notification_id = $1 AND lease_token = $2
""")
_UNDELIVERABLE = Prepared("""
    UPDATE notification SET status = 'undeliverable', last_error = $3, lease_token = NULL, lease_expires_at = NULL
    WHERE notification_id = $1 AND lease_token = $2
""")
_FAILED = Prepared("""
    UPDATE notification SET last_error = $3, next_attempt_at = $4, lease_token = NULL, lease_expires_at = NULL
    WHERE notification_id = $1 AND lease_token = $2
""")


async def note(notice: Notice) -> None:
    """Have the message sent as soon as this is committed, unless its event has led to it before."""
    await _NOTE(
        notice.notification_id, notice.event_id, notice.kind.value, notice.order_id, notice.customer_id,
        msgspec.json.encode(notice.facts).decode(), message_id(notice.event_id), notice.created_at,
        notice.traceparent, notice.correlation_id,
    )  # fmt: skip


async def take_due(now: datetime, lease: timedelta, limit: int) -> list[Held]:
    """Take up to `limit` messages whose time has come and that nobody sends."""
    return [_held(row) for row in await _TAKE(uuid4(), now + lease, now, limit)]


async def customer_of(order_id: str) -> str | None:
    """Whose order it is, as events that arrived here have told."""
    row = await _CUSTOMER_OF.first(order_id)
    return row["customer_id"] if row else None


async def record_sent(held: Held, letter: Letter, now: datetime) -> None:
    """Keep the copy of what the mail server took."""
    message = letter.message
    copy = (letter.recipient, message.subject, message.text, message.html, now)
    await _SENT(held.notification_id, held.lease_token, *copy)


async def record_undeliverable(held: Held, reason: str) -> None:
    """Give the message up."""
    await _UNDELIVERABLE(held.notification_id, held.lease_token, reason)


async def record_failure(held: Held, reason: str, next_attempt_at: datetime) -> None:
    """Have the message tried again at that time."""
    await _FAILED(held.notification_id, held.lease_token, reason, next_attempt_at)


async def count_pending() -> int:
    """Messages not yet sent."""
    counted: int = await Notification.count().where(Notification.status == Status.PENDING.value)
    return counted


def _held(row: Row) -> Held:
    return Held(
        notification_id=row["notification_id"],
        kind=Kind(row["kind"]),
        facts=msgspec.json.decode(row["facts"], type=Facts),
        order_id=row["order_id"],
        customer_id=row["customer_id"],
        message_id=row["message_id"],
        attempts=row["attempts"],
        lease_token=row["lease_token"],
        traceparent=row["traceparent"],
        correlation_id=row["correlation_id"],
        created_at=row["created_at"],
    )
