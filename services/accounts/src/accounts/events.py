"""The event accounts publishes; it consumes none."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

CUSTOMER_REGISTERED: Final = "accounts.customer.registered.v1"


class CustomerRegistered(Struct, frozen=True):
    """Someone became a customer. Name and address are not told: who needs them asks accounts."""

    customer_id: UUID
    registered_at: datetime


PUBLISHES: Final = {
    CUSTOMER_REGISTERED: CustomerRegistered,
}
"""The data of each event type, for asyncapi.json."""
