import traceback
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from piccolo.columns import Text
from piccolo.table import Table

from chassis.persistence import CheckViolation, Database, UniqueViolation, bind, transaction
from chassis.persistence.statement import MAX_TEXT, describe
from chassis.telemetry import span
from chassis.telemetry.names import REGISTRY
from chassis.telemetry.testing import Captured, capture, unknown_names


class Word(Table, tablename="word"):
    text = Text(unique=True)


@pytest.fixture
async def words(database: Database) -> Database:
    bind(database.engine)
    await Word.create_table()
    return database


@pytest.fixture
def captured() -> Iterator[Captured]:
    with capture() as seen:
        yield seen


@pytest.mark.usefixtures("words")
async def test_every_statement_in_a_trace_is_a_span_with_its_text_and_no_value(captured: Captured) -> None:
    with span("work"):
        async with transaction():
            await Word.insert(Word(text="hush"))
        await Word.select().where(Word.text == "hush")
    spans = [each for each in captured.spans if each.kind == "client"]
    assert [each.name for each in spans] == ["BEGIN", "INSERT word", "COMMIT", "SELECT word"]
    [work] = [each for each in captured.spans if each.name == "work"]
    assert {each.parent_span_id for each in spans} == {work.span_id}
    assert "hush" not in str([each.attributes for each in spans])
    assert spans[3].attributes["db.query.text"].endswith('FROM "word" WHERE "word"."text" = $1')
    assert spans[3].attributes["db.system.name"] == "postgresql"
    assert unknown_names(captured, REGISTRY) == ["span internal 'work'"]


async def test_a_failed_statement_says_what_failed(words: Database, captured: Captured) -> None:
    await Word.insert(Word(text="same"))
    with span("work"), pytest.raises(UniqueViolation):
        await Word.insert(Word(text="same"))
    [failed] = [each for each in captured.spans if each.kind == "client"]
    assert (failed.status, failed.attributes["db.response.status_code"]) == ("error", "23505")
    assert failed.attributes["db.namespace"] == words.settings.database


async def test_a_failed_statement_does_not_tell_the_values_of_its_row(words: Database, captured: Captured) -> None:
    await words.engine.fetch("ALTER TABLE word ADD CHECK (length(text) < 4)")
    with span("work"), pytest.raises(CheckViolation) as caught:
        await Word.insert(Word(text="hush" * 2))
    assert "hushhush" not in "".join(traceback.format_exception(caught.value))
    assert "hushhush" not in str([(each.status_message, each.events) for each in captured.spans])


@pytest.mark.usefixtures("words")
async def test_polling_outside_a_trace_makes_no_spans(captured: Captured) -> None:
    await Word.count()
    assert captured.spans == []


@pytest.mark.parametrize(
    ("text", "operation", "table"),
    [
        ('SELECT "a"."id" FROM "a" WHERE x', "SELECT", "a"),
        ("insert into thing (a) values ($1)", "INSERT", "thing"),
        ('UPDATE "thing" SET x', "UPDATE", "thing"),
        ('DELETE FROM public."thing"', "DELETE", "thing"),
        ("SELECT 1", "SELECT", ""),
        ("WITH a AS (SELECT 1 FROM b FOR UPDATE OF b), c AS (UPDATE b SET d = 1) DELETE FROM e", "UPDATE", "b"),
        ("WITH a AS (INSERT INTO b (c) VALUES ($1) ON CONFLICT (c) DO UPDATE SET c = $1) SELECT 1", "INSERT", "b"),
        ("with a as (select 1 from b) select 2 from c", "SELECT", "b"),
        ("WITH", "WITH", ""),
        ("BEGIN", "BEGIN", ""),
        ("VACUUM", "OTHER", ""),
        ("", "OTHER", ""),
    ],
)
def test_statements_are_named_by_operation_and_table(text: str, operation: str, table: str) -> None:
    assert describe(text)[:2] == (operation, table)


@given(st.text(max_size=300))
def test_any_text_has_a_bounded_name(text: str) -> None:
    statement = describe(text * 20)
    assert statement.operation.isascii()
    assert len(statement.text) <= MAX_TEXT
