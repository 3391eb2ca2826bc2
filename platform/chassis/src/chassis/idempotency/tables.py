"""The table of idempotency keys, in every service's own database."""

from piccolo.columns import BigSerial, Bytea, Integer, Text, Timestamptz, UUID
from piccolo.constraints import Unique
from piccolo.table import Table


class IdempotencyKey(Table, tablename="idempotency_key"):
    """A key that a caller has used for an operation: in flight while `status` is null, then with its answer."""

    id = BigSerial(primary_key=True)
    scope = Text(help_text="caller and operation")
    key = Text()
    fingerprint = Bytea(help_text="SHA-256 of the request")
    owner = UUID(default=None, help_text="the attempt that holds the lease")
    lease_until = Timestamptz(default=None)
    reference = Text(null=True, default=None, help_text="what the handler asked to be reminded of")
    status = Integer(null=True, default=None)
    headers = Text(null=True, default=None, help_text="JSON object")
    body = Bytea(null=True, default=None)
    expires_at = Timestamptz(default=None, index=True)

    idempotency_key_scope_key = Unique([scope, key])
