"""The ledger's rules, held by the database itself."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from chassis.persistence import CheckViolation, Database, UniqueViolation, transaction
from payments import domain
from payments.domain import Account, Kind
from payments.tables import Journal, LedgerEntry, Operation, Payment

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BALANCED = domain.journal(domain.Operation(Kind.AUTHORISE, 100))


@pytest_asyncio.fixture
async def payment(database: Database) -> Payment:  # noqa: ARG001
    """A stored payment with an operation under way."""
    return await stored(uuid4())


async def stored(order_id: UUID, status: str = "pending") -> Payment:
    row = Payment(
        payment_id=uuid4(),
        order_id=order_id,
        card_token="tok_approve",
        status=status,
        amount_minor=100,
        currency="EUR",
        created_at=NOW,
        updated_at=NOW,
    )
    async with transaction():
        await Payment.insert(row)
    return row


async def begun(payment: Payment) -> str:
    key = str(uuid4())
    await Operation.insert(
        Operation(
            provider_key=key,
            payment=payment.payment_id,
            kind="authorise",
            amount_minor=100,
            status="pending",
            next_attempt_at=NOW,
            traceparent="",
            correlation_id="",
            created_at=NOW,
        )
    )
    return key


async def begin_twice(payment: Payment) -> None:
    async with transaction():
        await begun(payment)
        await begun(payment)


async def enter(payment: Payment, *journals: Sequence[tuple[Account, int]]) -> None:
    """An operation, and the entries of as many journals for it, in one transaction."""
    async with transaction():
        key = await begun(payment)
        for entries in journals:
            journal_id = await journal_of(key, payment)
            await LedgerEntry.insert(
                *(LedgerEntry(journal=journal_id, account=account, amount_minor=minor) for account, minor in entries)
            )


async def enter_nothing(payment: Payment) -> None:
    """A journal without entries."""
    async with transaction():
        await journal_of(await begun(payment), payment)


async def journal_of(key: str, payment: Payment) -> UUID:
    journal_id = uuid4()
    await Journal.insert(
        Journal(journal_id=journal_id, operation=key, payment_id=payment.payment_id, kind="authorise", currency="EUR")
    )
    return journal_id


async def test_a_balanced_journal_is_accepted(payment: Payment) -> None:
    await enter(payment, BALANCED)
    assert await LedgerEntry.count() == 2


@pytest.mark.parametrize(
    "entries",
    [
        [(Account.CUSTOMER_RECEIVABLE, 100), (Account.AUTHORISED_HOLDS, -99)],
        [(Account.CUSTOMER_RECEIVABLE, 0)],
    ],
)
async def test_a_journal_that_does_not_balance_cannot_be_committed(
    payment: Payment, entries: list[tuple[Account, int]]
) -> None:
    with pytest.raises(CheckViolation) as caught:
        await enter(payment, entries)
    assert caught.value.constraint == "journal_sums_to_zero"
    assert await Journal.count() == 0


async def test_a_journal_without_entries_cannot_be_committed(payment: Payment) -> None:
    with pytest.raises(CheckViolation):
        await enter_nothing(payment)


async def test_an_entry_cannot_be_added_to_a_balanced_journal(payment: Payment) -> None:
    await enter(payment, BALANCED)
    (journal,) = await Journal.objects()
    with pytest.raises(CheckViolation):
        await LedgerEntry.insert(LedgerEntry(journal=journal.journal_id, account="refunds", amount_minor=1))


@pytest.mark.parametrize(
    "change",
    [
        lambda: LedgerEntry.update({LedgerEntry.amount_minor: 0}, force=True),
        lambda: LedgerEntry.delete(force=True),
        lambda: Journal.update({Journal.currency: "USD"}, force=True),
    ],
    ids=["altering an entry", "deleting an entry", "altering a journal"],
)
async def test_what_is_in_the_ledger_stays(payment: Payment, change: Callable[[], Awaitable[object]]) -> None:
    await enter(payment, BALANCED)
    with pytest.raises(CheckViolation) as caught:
        await change()
    assert caught.value.constraint == "append_only"


async def test_an_operation_is_entered_once(payment: Payment) -> None:
    with pytest.raises(UniqueViolation):
        await enter(payment, BALANCED, BALANCED)


async def test_an_order_has_one_live_payment() -> None:
    order_id = uuid4()
    await stored(order_id, "declined")
    await stored(order_id, "authorised")
    with pytest.raises(UniqueViolation):
        await stored(order_id, "pending")


async def test_a_payment_has_one_operation_under_way(payment: Payment) -> None:
    with pytest.raises(UniqueViolation):
        await begin_twice(payment)
