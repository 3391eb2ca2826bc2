"""Migrations since the last release only add: its code runs while they are applied, and after a roll-back."""

import ast
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from release import SERVICES, Release, constant
from schema import Column, Schema, breaking, read_schema

from chassis.environment import Secret
from chassis.migrate import migrate
from chassis.persistence.settings import DatabaseSettings
from support.system import ROOT
from testkit.servers import PostgresServer

MARK = "CONTRACT_OF"
FIX = (
    f"Expand first: add beside, fill, let a release use it; take away in a later release, in a migration with {MARK} = "
    "the ID of the one that expanded (docs/database.md)."
)
MIGRATE = """
import asyncio, sys
from chassis.environment import Secret
from chassis.migrate import migrate
from chassis.persistence.settings import DatabaseSettings
url, password, service = sys.argv[1:]
asyncio.run(migrate(DatabaseSettings.from_url(url, Secret(password), service=service)))
"""
COLUMNS = st.builds(
    Column,
    type=st.sampled_from(["smallint", "integer", "bigint", "text", "character varying", "uuid"]),
    nullable=st.booleans(),
    filled=st.booleans(),
)
TABLES = st.dictionaries(st.sampled_from("abcd"), st.dictionaries(st.sampled_from("pqrs"), COLUMNS, min_size=1))


@asynccontextmanager
async def database(server: PostgresServer, name: str) -> AsyncIterator[Any]:
    admin = await asyncpg.connect(server.url(), password=server.password)
    await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    connection = await asyncpg.connect(server.url(name), password=server.password)
    try:
        yield connection
    finally:
        await connection.close()


def settings_of(server: PostgresServer, service: str, name: str) -> DatabaseSettings:
    return DatabaseSettings.from_url(server.url(name), Secret(server.password), service=service)


def migrate_as_before(server: PostgresServer, release: Release, service: str, name: str) -> None:
    """Apply the old release's migrations, by its own code."""
    environment = os.environ | release.environment(service)
    command = [sys.executable, "-c", MIGRATE, server.url(name), server.password, service]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("service", SERVICES)
async def test_no_migration_since_the_last_release_breaks_its_code(
    postgres: PostgresServer, previous: Release, service: str
) -> None:
    name = f"{service}_compatibility"
    async with database(postgres, name) as connection:
        migrate_as_before(postgres, previous, service, name)
        before, broken = await read_schema(connection), []
        settings = settings_of(postgres, service, name)
        while (step := await migrate(settings, at_most=1, report=lambda _: None)).applied:
            after = await read_schema(connection)
            if not contracts_what_was_released(step.applied[0], previous):
                broken += [f"{step.applied[0]}: {what}. {FIX}" for what in breaking(before, after)]
            before = after

    assert not broken, "\n".join(broken)


def contracts_what_was_released(migration: str, previous: Release) -> bool:
    """Whether it says that it takes away what an earlier release has replaced."""
    identity = migration.partition(" ")[2]
    (file,) = [path for path in ROOT.glob("*/*/src/*/piccolo_migrations/*_*.py") if constant(path, "ID") == identity]
    return constant(file, MARK) in previous.migrations()


def test_a_released_migration_is_there_and_says_what_it_said(previous: Release) -> None:
    """Databases have run it; whoever changes it changes nothing there. Imports and layout may differ."""

    def said(path: Any) -> list[str]:
        body = ast.parse(path.read_text()).body
        return [ast.unparse(node) for node in body if not isinstance(node, ast.ImportFrom | ast.Import)]

    for old in previous.folder.glob("*/*/src/*/piccolo_migrations/*_*.py"):
        new = ROOT / old.relative_to(previous.folder)
        assert new.exists(), f"{new} was released; put it back"
        assert said(new) == said(old), f"{new} was released; write a new migration instead"


@given(TABLES, TABLES)
def test_adding_breaks_nobody(old: Any, new: Any) -> None:
    """Tables of other names, and columns that may be left out."""
    more = {
        table: {
            **{f"new_{name}": replace(column, nullable=True) for name, column in new.get(table, {}).items()},
            **columns,
        }
        for table, columns in old.items()
    }
    added = {f"new_{table}": columns for table, columns in new.items()}

    assert breaking(Schema(old, {}), Schema({**more, **added}, {"new_a": frozenset({"rule"})})) == []


@given(TABLES, st.data())
def test_taking_anything_away_is_found(old: Any, data: st.DataObject) -> None:
    if not old:
        return
    table = data.draw(st.sampled_from(sorted(old)))
    column = data.draw(st.sampled_from(sorted(old[table])))
    left = {**old, table: {name: one for name, one in old[table].items() if name != column}}

    assert f"column {column} of {table} is gone" in breaking(Schema(old, {}), Schema(left, {}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DROP TABLE other", "table other is gone"),
        ("ALTER TABLE thing DROP COLUMN note", "column note of thing is gone"),
        ("ALTER TABLE thing RENAME COLUMN note TO remark", "column note of thing is gone"),
        ("ALTER TABLE thing RENAME TO item", "table thing is gone"),
        ("ALTER TABLE thing ALTER COLUMN note SET NOT NULL", "column note of thing takes NULL no longer"),
        (
            "ALTER TABLE thing ADD COLUMN size integer NOT NULL",
            "column size of thing is new, NOT NULL and without default",
        ),
        ("ALTER TABLE thing ALTER COLUMN count TYPE smallint", "column count of thing became smallint"),
        ("ALTER TABLE thing ALTER COLUMN name TYPE varchar(10)", "holds only 10 characters"),
        ("ALTER TABLE thing ALTER COLUMN count DROP DEFAULT", "column count of thing has lost its default"),
        ("ALTER TABLE thing ADD CONSTRAINT positive CHECK (count > 0)", "rule positive of thing is new"),
        ("CREATE UNIQUE INDEX once ON thing (note)", "rule once of thing is new"),
        ("ALTER TABLE thing ADD COLUMN size integer", None),
        ("ALTER TABLE thing ADD COLUMN size integer NOT NULL DEFAULT 0", None),
        ("ALTER TABLE thing ALTER COLUMN count TYPE bigint", None),
        ("CREATE TABLE more (id uuid PRIMARY KEY, name text NOT NULL UNIQUE)", None),
        ("CREATE INDEX often ON thing (note)", None),
    ],
)
async def test_each_step_that_takes_away_is_told_from_those_that_add(
    postgres: PostgresServer, change: str, words: str | None
) -> None:
    async with database(postgres, f"change_{abs(hash(change))}") as connection:
        await connection.execute(
            "CREATE TABLE other (id bigint);"
            "CREATE TABLE thing (id bigserial PRIMARY KEY, name text, note text, count integer NOT NULL DEFAULT 0)"
        )
        before = await read_schema(connection)
        await connection.execute(change)
        found = breaking(before, await read_schema(connection))

    assert (found == []) if words is None else any(words in one for one in found), found
