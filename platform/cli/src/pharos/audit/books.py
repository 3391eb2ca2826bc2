"""What an audit reads of each service: the fields that it compares, and no others."""

from datetime import datetime

import msgspec
from msgspec import Struct


class Amount(Struct, frozen=True):
    """Money in the currency's minor unit."""

    amount_minor: int
    currency: str


class OrderLine(Struct, frozen=True):
    """So many pieces of one product."""

    sku: str
    quantity: int


class Order(Struct, frozen=True, kw_only=True):
    """An order as orders has it."""

    order_id: str
    status: str
    total: Amount | None
    lines: tuple[OrderLine, ...]

    @property
    def ended(self) -> bool:
        """Whether it is confirmed or cancelled."""
        return self.status != "pending"


class Saga(Struct, frozen=True, kw_only=True):
    """A saga that has not ended."""

    order_id: str
    deadline: datetime
    backward: bool = False
    stock: str = ""
    payment: str = ""


class Reservation(Struct, frozen=True, kw_only=True):
    """What inventory holds or has sold for an order."""

    reservation_id: str
    order_id: str
    status: str
    lines: tuple[OrderLine, ...]
    total: Amount


class Payment(Struct, frozen=True, kw_only=True):
    """A payment, beside what the ledger says of it."""

    payment_id: str
    order_id: str
    status: str
    amount: Amount
    refunded: Amount
    order_cancelled: bool
    under_way: bool
    held_minor: int
    taken_minor: int
    given_back_minor: int

    @property
    def kept_minor(self) -> int:
        """What was captured and not given back."""
        captured = self.amount.amount_minor if self.status in {"captured", "refunded"} else 0
        return captured - self.refunded.amount_minor


class Journal(Struct, frozen=True, kw_only=True):
    """A journal that is out of balance."""

    journal_id: str
    payment_id: str
    entries: int
    sum_minor: int


class Account(Struct, frozen=True):
    """What stands on one account of the ledger."""

    account: str
    balance: Amount


class Ledger(Struct, frozen=True, kw_only=True):
    """The ledger as a whole."""

    accounts: tuple[Account, ...]
    journals: int
    faults: tuple[Journal, ...]


class Stock(Struct, frozen=True, kw_only=True):
    """The books of one SKU, in pieces."""

    sku: str
    received: int
    available: int
    reserved: int
    sold: int
    returned: int
    held_by_reservations: int
    sold_by_reservations: int


class Published(Struct, frozen=True, kw_only=True):
    """An event that a service has published, of one entity; `published_at` is None until the broker has stored it."""

    event_id: str
    type: str
    subject: str
    published_at: datetime | None


class Notification(Struct, frozen=True, kw_only=True):
    """What notifications made of an event."""

    notification_id: str
    event_id: str
    status: str
    message_id: str


class Letter(Struct, frozen=True, kw_only=True):
    """A dead letter."""

    id: int
    type: str
    event_id: str
    reason: str


class Totals(Struct, frozen=True, kw_only=True):
    """What of a service's messages is still to be done.

    All that the broker had stored before `settled_until` was handled or given up; None while the broker cannot tell.
    """

    unsent: int
    failing: int
    dead: int
    waiting: int | None
    settled_until: datetime | None
    refused: int = 0


class Snapshot(Struct, frozen=True, kw_only=True):
    """All books as they were read, one after the other, while the system went on.

    Read in this order: events, sagas, orders, reservations, payments, stock, ledger, notifications, mails. What is
    looked up later is therefore never older than what it is looked up for.
    """

    events: tuple[Published, ...] = ()
    sagas: tuple[Saga, ...] = ()
    orders: tuple[Order, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    payments: tuple[Payment, ...] = ()
    stock: tuple[Stock, ...] = ()
    ledger: Ledger = Ledger(accounts=(), journals=0, faults=())
    notifications: tuple[Notification, ...] = ()
    mails: tuple[str, ...] | None = None
    """The Message-IDs that the mail sink keeps; None in a system without one."""
    letters: dict[str, tuple[Letter, ...]] = msgspec.field(default_factory=dict)
    """Dead letters by service."""
    messages: dict[str, Totals] = msgspec.field(default_factory=dict)
    taken_at: datetime = msgspec.field(default=datetime.min)  # noqa: DTZ901 - replaced by whoever reads
    """When the sagas were read."""

    def on_its_way(self, event: Published, consumer: str) -> bool:
        """Whether the event may still reach this service: if not, it was handled, given up, or lost."""
        settled_until = self.messages[consumer].settled_until
        return event.published_at is None or settled_until is None or event.published_at >= settled_until
