"""The rows orders keeps. Amounts are in minor units of the order's currency."""

from piccolo.columns import UUID, BigInt, BigSerial, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table


class Order(Table, tablename="customer_order"):
    """An order as its customer sees it; priced once its stock is reserved."""

    order_id = UUID(primary_key=True, default=None)
    customer_id = Varchar(length=64)
    status = Varchar(length=10)
    reason = Varchar(length=40, null=True, default=None)
    total_minor = BigInt(null=True, default=None)
    currency = Varchar(length=3, null=True, default=None)
    correlation_id = Varchar(length=64)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class OrderLine(Table):
    """So many pieces of one product."""

    line_id = BigSerial(primary_key=True)
    order_id = UUID(index=True, default=None)
    sku = Varchar(length=40)
    quantity = Integer()
    unit_price_minor = BigInt(null=True, default=None)


class SagaRow(Table, tablename="saga"):
    """How far the order is. Whoever holds the lease drives it; nobody else writes anything but a wish to cancel."""

    order_id = UUID(primary_key=True, default=None)
    open = Boolean(default=True)
    backward = Boolean(default=False)
    customer_verified = Boolean(default=False)
    stock = Varchar(length=10)
    payment = Varchar(length=10)
    reservation_id = Varchar(length=64, null=True, default=None)
    payment_id = Varchar(length=64, null=True, default=None)
    card_token = Varchar(length=64, null=True, default=None, secret=True, help_text="erased once authorised")
    cancel_requested = Boolean(default=False)
    reason = Varchar(length=40, null=True, default=None)
    attempts = Integer(default=0)
    started_at = Timestamptz()
    deadline = Timestamptz()
    next_attempt_at = Timestamptz()
    finished_at = Timestamptz(null=True, default=None)
    lease_token = UUID(null=True, default=None, help_text="of the one driver whose writes count")
    lease_instance = Varchar(length=64, null=True, default=None)
    lease_expires_at = Timestamptz(null=True, default=None)
    traceparent = Varchar(length=64)
    correlation_id = Varchar(length=64)
    version = Integer(default=1)


class SagaStep(Table):
    """What was asked of whom, and how it went. Never changed."""

    step_id = BigSerial(primary_key=True)
    order_id = UUID(index=True, default=None)
    action = Varchar(length=30)
    backward = Boolean(default=False)
    outcome = Varchar(length=10)
    detail = Text()
    attempt = Integer(default=1)
    instance = Varchar(length=64)
    started_at = Timestamptz()
    finished_at = Timestamptz()
