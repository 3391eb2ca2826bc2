# ruff: noqa: PT012 - what must raise is the whole transaction
import asyncio
import contextlib

import pytest
from piccolo.columns import Text
from piccolo.table import Table

from chassis.persistence import (
    Database,
    ForeignTransaction,
    NestedTransaction,
    NoTransaction,
    TransactionAborted,
    UniqueViolation,
    after_commit,
    bind,
    transaction,
)

pytestmark = pytest.mark.usefixtures("notes")


class Note(Table, tablename="note"):
    text = Text(unique=True)


@pytest.fixture
async def notes(database: Database) -> Database:
    bind(database.engine)
    await Note.create_table()
    return database


async def texts() -> list[str]:
    return await Note.select(Note.text).order_by(Note.id).output(as_list=True)


async def test_commits_at_the_end_of_the_block() -> None:
    async with transaction():
        await Note.insert(Note(text="kept"))
    assert await texts() == ["kept"]


async def test_rolls_back_on_any_error() -> None:
    with pytest.raises(LookupError):
        async with transaction():
            await Note.insert(Note(text="lost"))
            raise LookupError
    assert await texts() == []


async def test_rolls_back_when_cancelled_in_a_statement(notes: Database) -> None:
    async def work() -> None:
        async with transaction():
            await Note.insert(Note(text="lost"))
            await Note.raw("SELECT pg_sleep(30)")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await work()
    assert await texts() == []
    assert notes.engine.pool_state().used == 0  # type: ignore[union-attr]


async def test_a_transaction_inside_another_is_refused() -> None:
    with pytest.raises(NestedTransaction):
        async with transaction():
            await Note.insert(Note(text="lost"))
            async with transaction():
                pass
    assert await texts() == []


async def test_statements_after_the_block_are_on_their_own() -> None:
    async with transaction():
        await Note.insert(Note(text="one"))
    await Note.insert(Note(text="two"))
    assert await texts() == ["one", "two"]


async def test_a_task_started_inside_is_refused_while_the_transaction_is_open() -> None:
    async with transaction():
        child = asyncio.create_task(texts())
        with pytest.raises(ForeignTransaction):
            await child


async def test_a_task_started_inside_may_use_the_database_after_the_commit() -> None:
    committed = asyncio.Event()

    async def later() -> list[str]:
        await committed.wait()
        return await texts()

    async with transaction():
        child = asyncio.create_task(later())
        await Note.insert(Note(text="kept"))
    committed.set()
    assert await child == ["kept"]


async def test_unique_violation_is_typed_and_names_the_constraint() -> None:
    await Note.insert(Note(text="same"))
    with pytest.raises(UniqueViolation) as caught:
        await Note.insert(Note(text="same"))
    assert (caught.value.table, caught.value.constraint) == ("note", "note_text_key")


async def test_a_swallowed_failure_inside_is_not_taken_for_a_commit() -> None:
    await Note.insert(Note(text="same"))
    with pytest.raises(TransactionAborted):
        async with transaction():
            with contextlib.suppress(UniqueViolation):
                await Note.insert(Note(text="same"))


async def test_after_commit_runs_once_committed() -> None:
    seen: list[str] = []
    async with transaction():
        after_commit(lambda: seen.append("committed"))
        assert seen == []
    assert seen == ["committed"]


async def test_after_commit_does_not_run_after_a_rollback() -> None:
    seen: list[str] = []
    with pytest.raises(LookupError):
        async with transaction():
            after_commit(lambda: seen.append("committed"))
            raise LookupError
    assert seen == []


async def test_after_commit_needs_a_transaction() -> None:
    with pytest.raises(NoTransaction):
        after_commit(lambda: None)


async def test_concurrent_transactions_are_apart() -> None:
    async def work(number: int) -> None:
        async with transaction():
            await Note.insert(Note(text=str(number)))
            if number % 2:
                raise LookupError

    await asyncio.gather(*(work(number) for number in range(30)), return_exceptions=True)
    assert sorted(map(int, await texts())) == list(range(0, 30, 2))
