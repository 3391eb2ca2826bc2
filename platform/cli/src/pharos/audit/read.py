"""Reading all books through the services' audit operations."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec

from pharos.audit.books import (
    Ledger,
    Letter,
    Notification,
    Order,
    Payment,
    Published,
    Reservation,
    Saga,
    Snapshot,
    Stock,
    Totals,
)
from pharos.errors import CliError
from pharos.operator import Operator

Row = TypeVar("Row")
Mails = Callable[[], Awaitable[tuple[str, ...] | None]]
PUBLISHERS: Final = ("accounts", "orders", "payments")
CONSUMERS: Final = ("inventory", "payments", "notifications")
SERVICES: Final = ("accounts", "inventory", "orders", "payments", "notifications")


class UnreadableBooks(CliError):
    """A service answered something else than expected."""

    reason = "books-unreadable"


async def read(operator: Operator, mails: Mails) -> Snapshot:
    """All books, in the order that `Snapshot` demands; ``mails`` answers what the mail sink keeps.

    Raises:
        ServiceSilent: a service does not answer.
        Refused: a service refuses.
        UnreadableBooks: its answer lacks what is needed.
        CliError: the mail sink does not answer.
    """
    messages = dict(zip(SERVICES, await asyncio.gather(*(_totals(operator, name) for name in SERVICES)), strict=True))
    events = await asyncio.gather(*(_rows(operator, name, "/audit/events", Published) for name in PUBLISHERS))
    taken_at = datetime.now(UTC)
    sagas = await _rows(operator, "orders", "/audit/sagas", Saga, open="true")
    orders = await _rows(operator, "orders", "/audit/orders", Order)
    reservations, payments = await asyncio.gather(
        _rows(operator, "inventory", "/audit/reservations", Reservation),
        _rows(operator, "payments", "/audit/payments", Payment),
    )
    stock, ledger = await asyncio.gather(
        _rows(operator, "inventory", "/audit/stock", Stock), operator.get("payments", "/audit/ledger")
    )
    notifications = await _rows(operator, "notifications", "/audit/notifications", Notification)
    letters = await asyncio.gather(*(_rows(operator, name, "/dead-letters", Letter) for name in CONSUMERS))
    return Snapshot(
        events=tuple(event for some in events for event in some),
        sagas=sagas,
        orders=orders,
        reservations=reservations,
        payments=payments,
        stock=stock,
        ledger=_shaped("payments", ledger, Ledger),
        notifications=notifications,
        mails=await mails(),
        letters=dict(zip(CONSUMERS, letters, strict=True)),
        messages=messages,
        taken_at=taken_at,
    )


async def _totals(operator: Operator, service: str) -> Totals:
    return _shaped(service, await operator.get(service, "/audit/messages"), Totals)


async def _rows(operator: Operator, service: str, path: str, shape: type[Row], **parameters: str) -> tuple[Row, ...]:
    return _shaped(service, await operator.items(service, path, **parameters), tuple[shape, ...])  # type: ignore[valid-type]


def _shaped(service: str, document: Any, shape: type[Row]) -> Row:
    try:
        return msgspec.convert(document, shape, strict=False)
    except msgspec.ValidationError as error:
        raise UnreadableBooks(
            f"the books of {service} are not as expected: {error}", "bring it to the version of this command: ./just up"
        ) from error
