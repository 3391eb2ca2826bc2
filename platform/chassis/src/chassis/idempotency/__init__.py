"""Doing the work of a POST once, however often it is sent (draft-ietf-httpapi-idempotency-key-header)."""

from chassis.idempotency.handler import idempotent
from chassis.idempotency.store import Attempt

__all__ = ["Attempt", "idempotent"]
