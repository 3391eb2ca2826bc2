"""The rules for stock and reservations: pure, standard library only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

QUANTITY_LIMIT = 10_000
"""Most pieces of one SKU in one reservation."""


class MixedCurrenciesError(ValueError):
    """Amounts in different currencies were added."""


class QuantityTooLargeError(ValueError):
    """The lines of one SKU add up to more than one reservation may hold."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"{sku}: at most {QUANTITY_LIMIT} in one reservation")
        self.sku = sku


class RefusedTransitionError(Exception):
    """A reservation cannot take this step from the status it is in."""

    def __init__(self, status: "Status") -> None:
        super().__init__(f"the reservation is {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's minor unit (cents), with its ISO 4217 code."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise MixedCurrenciesError(f"{self.currency} and {other.currency}")
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.amount_minor * quantity, self.currency)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """So many pieces of one SKU at the price of the moment they were reserved."""

    sku: str
    quantity: int
    unit_price: Money


def merge_lines(lines: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """One (sku, quantity) per SKU, in SKU order: the order in which rows are locked, so that no two callers deadlock.

    Raises:
        QuantityTooLargeError: when the lines of one SKU exceed the limit together.
    """
    quantities: dict[str, int] = {}
    for sku, quantity in lines:
        quantities[sku] = quantities.get(sku, 0) + quantity
        if quantities[sku] > QUANTITY_LIMIT:
            raise QuantityTooLargeError(sku)
    return sorted(quantities.items())


def total(lines: Iterable[PricedLine]) -> Money:
    """What the lines cost together; at least one line.

    Raises:
        MixedCurrenciesError: when they are priced in different currencies.
    """
    first, *rest = [line.unit_price * line.quantity for line in lines]
    return sum(rest, start=first)


class Movement(StrEnum):
    """Why stock moved. Every change of a stock row is one of these, and is written down."""

    RECEIVED = "received"
    HELD = "held"
    RELEASED = "released"
    SOLD = "sold"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Balance:
    """The books of one SKU, in pieces; or, with signs, a change of them.

    `sold` counts all ever sold and `returned` all ever brought back, so that for every SKU and at any time
    available + reserved + sold - returned = received.
    """

    received: int = 0
    available: int = 0
    reserved: int = 0
    sold: int = 0
    returned: int = 0

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(
            received=self.received + other.received,
            available=self.available + other.available,
            reserved=self.reserved + other.reserved,
            sold=self.sold + other.sold,
            returned=self.returned + other.returned,
        )

    @property
    def holds(self) -> bool:
        """Whether the books add up and nothing is below zero."""
        parts = (self.received, self.available, self.reserved, self.sold, self.returned)
        return min(parts) >= 0 and self.available + self.reserved + self.sold - self.returned == self.received


def change(movement: Movement, quantity: int) -> Balance:
    """What a movement of `quantity` pieces does to the books of its SKU."""
    match movement:
        case Movement.RECEIVED:
            return Balance(received=quantity, available=quantity)
        case Movement.HELD:
            return Balance(available=-quantity, reserved=quantity)
        case Movement.RELEASED:
            return Balance(available=quantity, reserved=-quantity)
        case Movement.SOLD:
            return Balance(reserved=-quantity, sold=quantity)
        case Movement.RETURNED:
            return Balance(available=quantity, returned=quantity)


def replay(movements: Iterable[tuple[Movement, int]]) -> Balance:
    """The books of one SKU as its movements alone tell them."""
    return sum((change(movement, quantity) for movement, quantity in movements), start=Balance())


class Status(StrEnum):
    """The life of a reservation: held → sold → returned, or held → released, or held → expired."""

    HELD = "held"
    SOLD = "sold"
    RELEASED = "released"
    EXPIRED = "expired"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Step:
    """The status a reservation goes to, and how its lines move; `movement` is None where nothing changes."""

    status: Status
    movement: Movement | None


def commit(status: Status, *, expires_at: datetime, now: datetime) -> Step:
    """Sell what is held; once sold, selling again changes nothing.

    Raises:
        RefusedTransitionError: when its time has run out, or it was released or brought back.
    """
    if status is Status.SOLD:
        return Step(status, None)
    if status is not Status.HELD:
        raise RefusedTransitionError(status)
    if now >= expires_at:
        raise RefusedTransitionError(Status.EXPIRED)
    return Step(Status.SOLD, Movement.SOLD)


_RELEASE: Mapping[Status, Step] = {
    Status.HELD: Step(Status.RELEASED, Movement.RELEASED),
    Status.SOLD: Step(Status.RETURNED, Movement.RETURNED),
}


def release(status: Status) -> Step:
    """Give back what is held, bring back what is sold; where nothing is left to give back, change nothing."""
    return _RELEASE.get(status, Step(status, None))


def expire(status: Status, *, expires_at: datetime, now: datetime) -> Step:
    """Give back what was held too long; change nothing else."""
    if status is Status.HELD and now >= expires_at:
        return Step(Status.EXPIRED, Movement.RELEASED)
    return Step(status, None)
