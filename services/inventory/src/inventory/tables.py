"""The rows inventory keeps."""

from piccolo.columns import UUID, BigInt, BigSerial, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Product(Table):
    """What can be bought, and at what price (minor units)."""

    sku = Varchar(length=40, primary_key=True)
    name = Varchar(length=100)
    price_minor = BigInt()
    currency = Varchar(length=3)
    created_at = Timestamptz()


class Stock(Table):
    """The books of one SKU, in pieces; changed together with a `StockMovement` only."""

    sku = Varchar(length=40, primary_key=True)
    received = BigInt()
    available = BigInt()
    reserved = BigInt()
    sold = BigInt()
    returned = BigInt()

    nothing_below_zero = Check("available >= 0 AND reserved >= 0 AND sold >= 0 AND returned >= 0")
    books_balance = Check("available + reserved + sold - returned = received")


class Reservation(Table):
    """Stock held for one order, then sold or given back. Its expiry belongs to the trace in which it was made."""

    reservation_id = UUID(primary_key=True, default=None)
    order_id = UUID(unique=True, default=None)
    status = Varchar(length=10)
    total_minor = BigInt()
    currency = Varchar(length=3)
    expires_at = Timestamptz()
    traceparent = Varchar(length=64)
    correlation_id = Varchar(length=64)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class ReservationLine(Table):
    """One SKU of a reservation, with the price it was reserved at (minor units of the reservation's currency)."""

    line_id = BigSerial(primary_key=True)
    reservation = ForeignKey(Reservation, on_delete=OnDelete.restrict, null=False)
    sku = Varchar(length=40)
    quantity = Integer()
    unit_price_minor = BigInt()

    one_line_per_sku = Unique(["reservation", "sku"])
    some_quantity = Check("quantity > 0")


class StockMovement(Table):
    """One change of a SKU's books, written down for good."""

    movement_id = BigSerial(primary_key=True)
    sku = Varchar(length=40, index=True)
    kind = Varchar(length=10)
    quantity = BigInt()
    reservation_id = UUID(null=True, default=None)
    occurred_at = Timestamptz()

    some_quantity = Check("quantity > 0")
