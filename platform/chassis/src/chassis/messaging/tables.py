"""The tables of messaging, in every service's own database."""

from piccolo.columns import BigSerial, BigInt, Integer, Text, Timestamptz, UUID
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Unique
from piccolo.table import Table


class Outbox(Table, tablename="outbox"):
    """Events that were published with a business transaction. Kept after sending, so that a stream can be rebuilt."""

    position = BigSerial(primary_key=True)
    event_id = UUID(unique=True, default=None)
    type = Text()
    subject = Text()
    data = Text(help_text="JSON of the event's data")
    occurred_at = Timestamptz(default=TimestamptzNow())
    traceparent = Text(help_text="of the span in which it was published; empty outside a trace")
    correlation_id = Text()
    published_at = Timestamptz(null=True, default=None, help_text="when JetStream had stored it")


class Inbox(Table, tablename="inbox"):
    """Events that had their effect here, written in the transaction of that effect."""

    id = BigSerial(primary_key=True)
    consumer = Text()
    event_id = Text()
    handled_at = Timestamptz(default=TimestamptzNow(), index=True)

    inbox_consumer_event = Unique([consumer, event_id])


class DeadLetter(Table, tablename="dead_letter"):
    """Messages that a handler failed on: counted while they are tried again, dead once `dead_at` is set."""

    id = BigSerial(primary_key=True)
    consumer = Text()
    event_id = Text()
    stream = Text()
    stream_sequence = BigInt()
    payload = Text(help_text="the message as received, undecodable bytes escaped")
    reason = Text()
    detail = Text()
    attempts = Integer()
    correlation_id = Text()
    traceparent = Text()
    first_failed_at = Timestamptz(default=TimestamptzNow())
    last_failed_at = Timestamptz(default=TimestamptzNow())
    dead_at = Timestamptz(null=True, default=None)

    dead_letter_consumer_event = Unique([consumer, event_id])
