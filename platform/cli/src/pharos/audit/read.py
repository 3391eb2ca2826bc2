"""Reading all books through the services' audit operations."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import aiohttp
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
PUBLISHERS: Final = ("accounts", "orders", "payments")
CONSUMERS: Final = ("inventory", "payments", "notifications")
SERVICES: Final = ("accounts", "inventory", "orders", "payments", "notifications")


class UnreadableBooks(CliError):
    """A service or the mail sink answered something else than expected."""

    reason = "books-unreadable"


async def read(operator: Operator, mail_url: str | None) -> Snapshot:
    """All books, in the order that `Snapshot` demands.

    Raises:
        ServiceSilent: a service does not answer.
        Refused: a service refuses.
        UnreadableBooks: its answer lacks what is needed.
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
        mails=None if mail_url is None else await _mails(mail_url),
        letters=dict(zip(CONSUMERS, letters, strict=True)),
        messages=messages,
        taken_at=taken_at,
    )


async def _totals(operator: Operator, service: str) -> Totals:
    return _shaped(service, await operator.get(service, "/audit/messages"), Totals)


async def _rows(operator: Operator, service: str, path: str, shape: type[Row], **parameters: str) -> tuple[Row, ...]:
    return _shaped(service, await operator.items(service, path, **parameters), tuple[shape, ...])  # type: ignore[valid-type]


async def _mails(url: str) -> tuple[str, ...]:
    found: list[str] = []
    cursor: Mapping[str, str] = {}
    async with aiohttp.ClientSession(url) as session:
        while True:
            try:
                async with session.get("/api/mails", params={"limit": "100", **cursor}, raise_for_status=True) as reply:
                    page = await reply.json()
            except (aiohttp.ClientError, TimeoutError) as error:
                raise CliError(
                    f"the mail sink does not answer: {error}", "see how the parts are: ./just status"
                ) from error
            found += [str(mail.get("message_id") or mail["id"]) for mail in page["items"]]
            if not page["next_cursor"]:
                return tuple(found)
            cursor = {"cursor": page["next_cursor"]}


def _shaped(service: str, document: Any, shape: type[Row]) -> Row:
    try:
        return msgspec.convert(document, shape, strict=False)
    except msgspec.ValidationError as error:
        raise UnreadableBooks(
            f"the books of {service} are not as expected: {error}", "bring it to the version of this command: ./just up"
        ) from error
