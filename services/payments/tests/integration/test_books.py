"""Operations and payments in a real database: what is written when others write at the same time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

import pytest

from chassis.persistence import transaction
from payments import books, domain
from payments.domain import Kind, Status
from payments.provider import Answer
from payments.settlement import give_back
from payments.stored import Progress, StoredOperation, StoredPayment
from payments.tables import Journal, Operation

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 1, 1, tzinfo=UTC)
APPROVED = Answer(approved=True, reference="ref")
CAPTURE = domain.Operation(Kind.CAPTURE, 100)
VOID = domain.Operation(Kind.VOID, 100)
T = TypeVar("T")


async def opened() -> StoredOperation:
    """A new payment with the operation that authorises it."""
    state = domain.Payment(Status.PENDING, 100)
    new = StoredPayment(uuid4(), uuid4(), "tok_approve", "EUR", state, created_at=NOW)
    operation, live = await books.open_payment(new, due=NOW)
    assert live == new.payment_id
    return operation


async def settled(operation: StoredOperation) -> StoredPayment:
    ended = await books.settle(operation, APPROVED, now=NOW)
    assert ended
    return ended.payment


async def begun(payment: StoredPayment, what: domain.Operation) -> StoredOperation | None:
    return await books.begin(payment, what, due=NOW, now=NOW)


async def cancelled(payment: StoredPayment) -> None:
    """The payment's order is cancelled, in the open transaction."""
    found = await books.cancel_order(payment.order_id, now=NOW)
    assert found
    await give_back(found, NOW)


@asynccontextmanager
async def uncommitted(work: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Inside of the block the work is done in an open transaction of another task; at its end, committed."""
    done, commit = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        async with transaction():
            await work()
            done.set()
            await commit.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        await done.wait()
        yield
        commit.set()


async def blocked(work: Awaitable[T]) -> "asyncio.Future[T]":
    """Work that has started and waits for a lock."""
    started = asyncio.ensure_future(work)
    done, _ = await asyncio.wait([started], timeout=0.2)
    assert not done
    return started


async def test_what_is_returned_is_what_is_stored() -> None:
    operation = await opened()
    assert await books.operation(operation.key) == operation
    assert await books.payment_under_way(operation.payment.payment_id) == (operation.payment, operation)
    payment = await settled(operation)
    assert await books.payment(payment.payment_id) == payment
    assert await books.payment_under_way(payment.payment_id) == (payment, None)


async def test_an_operation_is_begun_only_on_the_payment_it_was_decided_on() -> None:
    before = await settled(await opened())
    capture = await begun(before, CAPTURE)
    assert capture
    assert await begun(before, VOID) is None
    captured = await settled(capture)
    assert await begun(before, VOID) is None
    assert await begun(captured, domain.Operation(Kind.REFUND, 100))


async def test_an_operation_waits_for_the_end_of_another_and_is_not_begun() -> None:
    payment = await settled(await opened())
    capture = await begun(payment, CAPTURE)
    assert capture
    async with uncommitted(lambda: settled(capture)):
        other = await blocked(begun(payment, VOID))
    assert await other is None
    assert await Operation.count() == 2


async def test_only_the_first_answer_counts_even_at_the_same_time() -> None:
    operation = await opened()
    ends = await asyncio.gather(*(books.settle(operation, APPROVED, now=NOW) for _ in range(6)))
    assert [each.progress for each in ends if each] == [Progress.APPROVED]
    assert await Journal.count() == 1


async def test_an_answer_that_waits_for_a_cancellation_knows_of_it() -> None:
    operation = await opened()
    async with uncommitted(lambda: cancelled(operation.payment)):
        answer = await blocked(settled(operation))
    state = (await answer).state
    assert (state.status, state.cancelled) == (Status.AUTHORISED, True)


async def test_a_cancellation_that_waits_for_an_answer_gives_back() -> None:
    operation = await opened()

    async def cancel() -> None:
        async with transaction():
            await cancelled(operation.payment)

    async with uncommitted(lambda: settled(operation)):
        cancellation = await blocked(cancel())
    await cancellation
    (_, under_way) = await books.payment_under_way(operation.payment.payment_id) or (None, None)
    assert under_way
    assert under_way.what == VOID
