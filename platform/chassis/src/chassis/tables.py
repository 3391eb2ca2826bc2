"""Chassis' own tables, in every service's database: events, their handling, and idempotency keys."""

from piccolo.columns import UUID, BigInt, BigSerial, Bytea, Integer, Text, Timestamptz
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
    refused = Text(null=True, default=None, help_text="why JetStream will never take it; it is not sent again")


class StreamIncarnation(Table, tablename="stream_incarnation"):
    """The stream that the outbox was sent to, as it was last seen."""

    stream = Text(primary_key=True)
    created = Timestamptz(default=None)
    last_sequence = BigInt(default=0)
    first_sequence = BigInt(default=1)
    deleted = BigInt(default=0, help_text="messages missing between the first and the last")
    fillings = Integer(default=0, help_text="how often it was found to have lost what it held")


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


class DeadLetterReplay(Table, tablename="dead_letter_replay"):
    """Who handed a dead letter to its handler once more, and how that ended. Kept after the letter is gone."""

    id = BigSerial(primary_key=True)
    letter = BigInt(help_text="id of the dead letter")
    consumer = Text()
    event_id = Text()
    replayed_by = Text(help_text="the caller who asked for it")
    correlation_id = Text(help_text="of the request that asked for it")
    replayed_at = Timestamptz(default=TimestamptzNow())
    outcome = Text(null=True, default=None, help_text="null while it is under way, or when the process died at it")


class IdempotencyKey(Table, tablename="idempotency_key"):
    """A key that a caller has used for an operation: in flight while `status` is null, then with its answer."""

    id = BigSerial(primary_key=True)
    scope = Text(help_text="caller and operation")
    key = Text()
    fingerprint = Bytea(help_text="SHA-256 of the request")
    owner = Text(help_text="the attempt that holds the lease, as `instance/id`")
    lease_until = Timestamptz(default=None)
    reference = Text(null=True, default=None, help_text="what the handler asked to be reminded of")
    status = Integer(null=True, default=None)
    headers = Text(null=True, default=None, help_text="JSON object")
    body = Bytea(null=True, default=None)
    expires_at = Timestamptz(default=None, index=True)

    idempotency_key_scope_key = Unique([scope, key])
