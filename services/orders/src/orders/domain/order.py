"""What an order may contain and what can become of it."""

import re
from collections.abc import Sequence
from enum import StrEnum

MAX_LINES = 50
MAX_QUANTITY = 1000

_CARD_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){11}")
_SKU = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}")
_CARD_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Status(StrEnum):
    """What an order is, as its customer sees it."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why an order was cancelled; a closed set, also a metric label."""

    CUSTOMER_UNKNOWN = "customer-unknown"
    UNKNOWN_SKU = "unknown-sku"
    INSUFFICIENT_STOCK = "insufficient-stock"
    RESERVATION_EXPIRED = "reservation-expired"
    CARD_DECLINED = "card-declined"
    PAYMENT_REFUSED = "payment-refused"
    CANCELLED_BY_CUSTOMER = "cancelled-by-customer"
    TIMED_OUT = "timed-out"
    STEP_FAILED = "step-failed"


def repeated_skus(skus: Sequence[str]) -> list[int]:
    """Positions at which a product is named that an earlier line named already."""
    return [position for position, sku in enumerate(skus) if sku in skus[:position]]


def might_be_card_number(text: str) -> bool:
    """Whether `text` holds 12 digits or more in a row, grouped or not: too close to a card's number to be a token."""
    return _CARD_NUMBER.search(text) is not None


def is_sku(text: str) -> bool:
    """Whether `text` has the shape of a product's identifier."""
    return _SKU.fullmatch(text) is not None


def is_card_token(text: str) -> bool:
    """Whether `text` has the shape of a payment provider's token."""
    return _CARD_TOKEN.fullmatch(text) is not None and not might_be_card_number(text)
