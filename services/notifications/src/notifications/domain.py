"""What customers are told: one pure function per kind of message, and when to try again to send it."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

SHOP = "Pharos"
BACKOFF_FIRST = 0.5
"""Seconds; ceiling of the first delay before a message is tried again."""
BACKOFF_CAP = 60.0
"""Seconds; a mail server that returns is found within a minute."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,10}")


class Kind(StrEnum):
    """What a message is about."""

    CUSTOMER_REGISTERED = "customer-registered"
    ORDER_CONFIRMED = "order-confirmed"
    ORDER_CANCELLED = "order-cancelled"
    PAYMENT_REFUNDED = "payment-refunded"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's minor unit, with its ISO 4217 code."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """So many pieces of one product; the price of one where it is known."""

    sku: str
    quantity: int
    unit_price: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a message may tell; which of it there is depends on its kind."""

    order_id: str = ""
    lines: Sequence[Line] = ()
    total: Money | None = None
    reason: str = ""
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a subject of one line, plain text, and the same as HTML."""

    subject: str
    text: str
    html: str


_CANCELLED_BECAUSE = {
    "card-declined": "Your card was declined. Nothing was charged.",
    "payment-refused": "Your payment was refused. Nothing was charged.",
    "insufficient-stock": "We do not have enough of what you ordered. Nothing was charged.",
    "unknown-sku": "We do not sell one of the products any more. Nothing was charged.",
    "reservation-expired": "What we had set aside for you was held too long. Nothing was charged.",
    "cancelled-by-customer": "You asked us to. Whatever was charged is given back.",
    "customer-unknown": "We do not know you as a customer. Nothing was charged.",
    "timed-out": "We could not complete it in time. Nothing was charged.",
}
_CANCELLED_ANYHOW = "Something went wrong on our side. Whatever was charged is given back."
_DECIMALS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "BHD": 3, "KWD": 3, "TND": 3}
"""Digits of the minor unit where they are not two (ISO 4217)."""


def render(kind: Kind, facts: Facts, name: str) -> Message:
    """The message of this kind to the customer called `name`."""
    subject, paragraphs = _WORDS[kind](facts)
    greeting = f"Hello {one_line(name) or 'there'},"
    parts = [greeting, *paragraphs, f"Your {SHOP} team"]
    return Message(
        subject=one_line(subject),
        text="\n\n".join(parts) + "\n",
        html="<!doctype html>\n" + "\n".join(f"<p>{_as_html(part)}</p>" for part in parts) + "\n",
    )


def one_line(text: str, limit: int = 200) -> str:
    """The text without control characters and line breaks, so that it can stand in a header."""
    return " ".join(_CONTROL.sub(" ", text).split())[:limit]


def is_address(text: str) -> bool:
    """Whether mail can be addressed to `text`: one plain address, no display name, no list."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def message_id(event_id: str) -> str:
    """The Message-ID of an event's message: the same however often it is sent."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "-", event_id)[:128]
    return f"<{safe}@notifications.pharos.example>"


def amount(money: Money) -> str:
    """The amount as people read it: `25.00 EUR`."""
    digits = _DECIMALS.get(money.currency, 2)
    if digits == 0:
        return f"{money.amount_minor} {money.currency}"
    whole, rest = divmod(abs(money.amount_minor), 10**digits)
    sign = "-" if money.amount_minor < 0 else ""
    return f"{sign}{whole}.{rest:0{digits}d} {money.currency}"


def backoff(attempts: int, uniform: Callable[[float, float], float]) -> float:
    """Seconds to wait after the given number of failed tries: exponential, full jitter."""
    return uniform(0.0, min(BACKOFF_CAP, BACKOFF_FIRST * 2.0 ** min(max(attempts - 1, 0), 30)))


def _registered(_: Facts) -> tuple[str, list[str]]:
    return f"Welcome to {SHOP}", ["Your account is ready. You can log in and order now."]


def _confirmed(facts: Facts) -> tuple[str, list[str]]:
    paid = [f"Total: {amount(facts.total)}"] if facts.total else []
    thanks = f"Thank you for your order {facts.order_id}. It is paid and on its way."
    return f"Your order {facts.order_id} is confirmed", [thanks, "\n".join(_listing(facts) + paid)]


def _cancelled(facts: Facts) -> tuple[str, list[str]]:
    why = _CANCELLED_BECAUSE.get(facts.reason, _CANCELLED_ANYHOW)
    words = [f"Your order {facts.order_id} is cancelled. {why}", "\n".join(_listing(facts))]
    return f"Your order {facts.order_id} is cancelled", words


def _refunded(facts: Facts) -> tuple[str, list[str]]:
    given_back = amount(facts.amount) if facts.amount else "The payment"
    return f"A refund for your order {facts.order_id}", [
        f"{given_back} for your order {facts.order_id} was given back to the card you paid with."
    ]


def _listing(facts: Facts) -> list[str]:
    return [
        f"{line.quantity} x {line.sku}" + (f" at {amount(line.unit_price)}" if line.unit_price else "")
        for line in facts.lines
    ]


def _as_html(part: str) -> str:
    return html.escape(part).replace("\n", "<br>")


_WORDS: dict[Kind, Callable[[Facts], tuple[str, list[str]]]] = {
    Kind.CUSTOMER_REGISTERED: _registered,
    Kind.ORDER_CONFIRMED: _confirmed,
    Kind.ORDER_CANCELLED: _cancelled,
    Kind.PAYMENT_REFUNDED: _refunded,
}
