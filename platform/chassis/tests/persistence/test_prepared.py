# ruff: noqa: PT012 - what must raise is the whole transaction
import pytest
from piccolo.columns import UUID, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from chassis.ids import uuid7
from chassis.persistence import Database, Prepared, UniqueViolation, bind, transaction

pytestmark = pytest.mark.usefixtures("tallies")


class Tally(Table, tablename="tally"):
    tally_id = UUID(primary_key=True, default=None)
    name = Text(unique=True)
    count = Integer(default=0)
    note = Text(null=True, default=None)


class Stamped(Table, tablename="stamped"):
    name = Text()
    at = Timestamptz(default=TimestamptzNow())


ADD = Prepared(
    lambda tally_id, name, count, note: Tally.insert(Tally(tally_id=tally_id, name=name, count=count, note=note))
)
BY_NAME = Prepared(lambda name: Tally.select().where(Tally.name == name))
LOCKED = Prepared(lambda name: Tally.select(Tally.count).where(Tally.name == name).lock_rows("UPDATE"))
RAISE = Prepared(
    lambda name: Tally.update({Tally.count: Tally.count + 2}).where(Tally.name == name).returning(Tally.count)
)
MERGE = Prepared(
    "INSERT INTO tally (tally_id, name, count) VALUES ($1, $2, $3) "
    "ON CONFLICT (name) DO UPDATE SET count = tally.count + excluded.count RETURNING count"
)


@pytest.fixture
async def tallies(database: Database) -> None:
    bind(database.engine)
    await Tally.create_table()


async def test_each_call_has_its_own_values() -> None:
    await ADD(uuid7(), "first", 1, None)
    await ADD(uuid7(), "second", 2, "with a note")

    assert [row["count"] for row in await BY_NAME("first")] == [1]
    second = await BY_NAME.first("second")
    assert (second["name"], second["count"], second["note"]) == ("second", 2, "with a note")
    assert await BY_NAME.first("third") is None


async def test_it_takes_part_in_the_open_transaction() -> None:
    with pytest.raises(LookupError):
        async with transaction():
            await ADD(uuid7(), "lost", 1, None)
            assert (await LOCKED.first("lost"))["count"] == 1
            raise LookupError
    assert await BY_NAME("lost") == []


async def test_an_update_returns_what_became_of_the_row() -> None:
    await ADD(uuid7(), "raised", 40, None)

    assert [row["count"] for row in await RAISE("raised")] == [42]
    assert await RAISE("nobody") == []


async def test_sql_is_run_with_its_values() -> None:
    await ADD(uuid7(), "merged", 40, None)

    assert (await MERGE.first(uuid7(), "merged", 2))["count"] == 42
    assert (await MERGE.first(uuid7(), "new", 2))["count"] == 2


async def test_errors_are_those_of_any_statement() -> None:
    await ADD(uuid7(), "once", 1, None)
    with pytest.raises(UniqueViolation):
        await ADD(uuid7(), "once", 1, None)


async def test_a_default_that_would_be_evaluated_once_is_refused() -> None:
    add = Prepared(lambda name: Stamped.insert(Stamped(name=name)))
    with pytest.raises(ValueError, match="same in every row"):
        await add("stamped")


async def test_a_parameter_without_a_place_is_refused() -> None:
    listing = Prepared(lambda name, other: Tally.select().where(Tally.name == name))  # noqa: ARG005
    with pytest.raises(ValueError, match="does not use its parameter other"):
        await listing("a", "b")
