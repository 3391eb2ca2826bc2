"""The rows notifications keeps: one for each event, from its arrival to the copy of what was sent."""

from piccolo.columns import JSONB, UUID, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table


class Notification(Table):
    """A message to a customer. What it says is filled in when it is sent."""

    notification_id = UUID(primary_key=True, default=None)
    event_id = Varchar(length=128, unique=True)
    kind = Varchar(length=30)
    status = Varchar(length=15)
    order_id = Varchar(length=64, null=True, default=None, index=True)
    customer_id = Varchar(length=64, null=True, default=None)
    facts = JSONB(help_text="what the event tells")
    message_id = Varchar(length=200)
    recipient = Varchar(length=254, null=True, default=None)
    subject = Varchar(length=200, null=True, default=None)
    body_text = Text(null=True, default=None)
    body_html = Text(null=True, default=None)
    attempts = Integer(default=0)
    last_error = Text(null=True, default=None)
    next_attempt_at = Timestamptz()
    lease_token = UUID(null=True, default=None)
    lease_expires_at = Timestamptz(null=True, default=None)
    traceparent = Varchar(length=64)
    correlation_id = Varchar(length=64)
    created_at = Timestamptz()
    sent_at = Timestamptz(null=True, default=None)
