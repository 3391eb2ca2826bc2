"""Messages in the database: taken up under a lease to be sent, and kept as they were sent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import msgspec

from notifications.domain import Facts, Kind, Message
from notifications.tables import Notification

Row = dict[str, Any]


class Status(StrEnum):
    """What became of a message."""

    PENDING = "pending"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"


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


_TAKE = """
    UPDATE notification SET lease_token = {}, lease_expires_at = {}, attempts = attempts + 1
    FROM (
        SELECT notification_id AS due FROM notification
        WHERE status = 'pending' AND next_attempt_at <= {} AND (lease_token IS NULL OR lease_expires_at < {})
        ORDER BY next_attempt_at LIMIT {} FOR UPDATE SKIP LOCKED
    ) AS found
    WHERE notification_id = due RETURNING notification.*
"""


async def take_due(now: datetime, lease: timedelta, limit: int) -> list[Held]:
    """Take up to `limit` messages whose time has come and that nobody sends."""
    rows = await Notification.raw(_TAKE, uuid4(), now + lease, now, now, limit)
    return [_held(row) for row in rows]


async def customer_of(order_id: str) -> str | None:
    """Whose order it is, as events that arrived here have told."""
    rows = await (
        Notification.select(Notification.customer_id)
        .where(Notification.order_id == order_id)
        .where(Notification.customer_id.is_not_null())
        .limit(1)
    )
    return rows[0]["customer_id"] if rows else None


async def record_sent(held: Held, letter: Letter, now: datetime) -> None:
    """Keep the copy of what the mail server took."""
    await _update(
        held,
        {
            Notification.status: Status.SENT.value,
            Notification.recipient: letter.recipient,
            Notification.subject: letter.message.subject,
            Notification.body_text: letter.message.text,
            Notification.body_html: letter.message.html,
            Notification.sent_at: now,
            Notification.last_error: None,
        },
    )


async def record_undeliverable(held: Held, reason: str) -> None:
    """Give the message up."""
    await _update(held, {Notification.status: Status.UNDELIVERABLE.value, Notification.last_error: reason})


async def record_failure(held: Held, reason: str, next_attempt_at: datetime) -> None:
    """Have the message tried again at that time."""
    await _update(held, {Notification.last_error: reason, Notification.next_attempt_at: next_attempt_at})


async def count_pending() -> int:
    """Messages not yet sent."""
    counted: int = await Notification.count().where(Notification.status == Status.PENDING.value)
    return counted


def encode_facts(facts: Facts) -> str:
    """The facts as the database keeps them."""
    return msgspec.json.encode(facts).decode()


async def _update(held: Held, changes: dict[Any, Any]) -> None:
    await (
        Notification.update(changes | {Notification.lease_token: None, Notification.lease_expires_at: None})
        .where(Notification.notification_id == held.notification_id)
        .where(Notification.lease_token == held.lease_token)
    )


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
