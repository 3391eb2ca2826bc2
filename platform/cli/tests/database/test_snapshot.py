"""Backing up and putting back, with PostgreSQL's own programs on a server of the test."""

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from pharos.database.errors import BackupRefused, InUse, ToolFailed
from pharos.database.file import write
from pharos.database.process import Command
from pharos.database.snapshot import back_up, examine, put_back, rows_of
from testkit.servers import PostgresServer
from testkit.tiny import tiny_checkout
from warden import postgres
from warden.catalog import Service, read_service

MADE = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE migration (id serial PRIMARY KEY, name text, app_name text, ran_on timestamptz DEFAULT now());
CREATE TABLE thing (id bigserial PRIMARY KEY, name text NOT NULL, mood mood, raw bytea);
CREATE TABLE part (thing bigint REFERENCES thing, note text CHECK (note <> ''));
CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name = upper(NEW.name); RETURN NEW; END $$;
CREATE TRIGGER loud BEFORE INSERT ON thing FOR EACH ROW EXECUTE FUNCTION loud();
CREATE VIEW good AS SELECT * FROM thing WHERE mood = 'good';
INSERT INTO migration (name, app_name) VALUES ('2026-01', 'tiny');
INSERT INTO thing (name, mood, raw) SELECT E'tab\\there \\\\. ' || n, 'good', '\\x00ff' FROM generate_series(1, 200) n;
INSERT INTO part SELECT id, E'line\\nbreak' FROM thing;
"""
OLD_DATA = "CREATE TABLE old (x int); INSERT INTO old VALUES (1); CREATE TABLE thing (y int)"


@dataclass
class ServerStore:
    """A database of the test's own server; `known` are the migrations of the code."""

    service: Service
    server: PostgresServer
    database: str
    backups: Path
    known: list[str] = field(default_factory=lambda: ["tiny 2026-01"])
    replicas: list[str] = field(default_factory=list)

    def tool(self, program: str, *arguments: str) -> Command:
        words = (str(postgres.binaries() / program), "--dbname", self.server.url(self.database), *arguments)
        return Command(program, words, {"PGPASSWORD": self.server.password}, self.backups.parent)

    def migration(self, option: str) -> Command:
        document = json.dumps({"applied": [], "pending": self.known, "unknown": []})
        return Command("migrate", (sys.executable, "-c", f"print({document!r})", option), {}, self.backups.parent)

    def serving(self) -> tuple[list[str], str]:
        return self.replicas, "./just down"

    def before_restore(self) -> None:
        """Nothing is recorded here."""

    async def execute(self, statements: str) -> Any:
        connection = await asyncpg.connect(self.server.url(self.database), password=self.server.password)
        try:
            return await connection.execute(statements)
        finally:
            await connection.close()

    async def rows(self, query: str) -> list[Any]:
        connection = await asyncpg.connect(self.server.url(self.database), password=self.server.password)
        try:
            return list(await connection.fetch(query))
        finally:
            await connection.close()


@pytest.fixture
def stores(postgres: PostgresServer, tmp_path: Path) -> Callable[[str, str], Awaitable[ServerStore]]:
    """Makes a database of this name, with what the statements make."""
    service = read_service(tiny_checkout(tmp_path).root / "services" / "tiny")

    async def make(name: str, statements: str) -> ServerStore:
        admin = ServerStore(service, postgres, "postgres", tmp_path / "backups")
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.execute(f'CREATE DATABASE "{name}"')
        store = ServerStore(service, postgres, name, tmp_path / "backups")
        await store.execute(statements)
        return store

    return make


def ignore(_: int) -> None:
    """Nobody watches."""


async def test_everything_comes_back_and_what_was_there_is_gone(stores: Any) -> None:
    source, target = await stores("source", MADE), await stores("target", OLD_DATA)
    path, manifest = back_up(source, ignore)

    assert examine(target, path) == manifest
    assert rows_of(target) == {"old": 1, "thing": 0}
    put_back(target, path, ignore)

    assert rows_of(target) == rows_of(source) == {"part": 200, "thing": 200}
    for query in ("SELECT t::text FROM thing t ORDER BY id", "SELECT p::text FROM part p ORDER BY thing"):
        assert await target.rows(query) == await source.rows(query)
    await target.execute("INSERT INTO thing (name, mood) VALUES ('next', 'bad')")
    assert [tuple(row) for row in await target.rows("SELECT id, name FROM thing WHERE mood = 'bad'")] == [(201, "NEXT")]
    put_back(target, path, ignore)
    assert rows_of(target) == rows_of(source)


async def test_a_dump_that_fails_on_the_way_leaves_what_was_there(stores: Any) -> None:
    target = await stores("target", OLD_DATA)
    path, _ = write(target.backups, "tiny", "1", [b"CREATE TABLE new (x int);\n", b"SELECT no_such_function();\n"])

    with pytest.raises(ToolFailed, match="no_such_function"):
        put_back(target, path, ignore)

    assert rows_of(target) == {"old": 1, "thing": 0}


async def test_a_dump_that_ends_early_commits_nothing(stores: Any) -> None:
    """As when the one who restores is killed: the server's program gets no more lines."""
    target = await stores("target", OLD_DATA)
    path, _ = write(target.backups, "tiny", "1", [b"CREATE TABLE new (x int);\n", b"COPY public.new (x) FROM stdin;\n"])

    with pytest.raises(ToolFailed):
        put_back(target, path, ignore)

    assert rows_of(target) == {"old": 1, "thing": 0}


async def test_who_is_connected_is_not_pulled_the_floor_from_under(stores: Any) -> None:
    source, target = await stores("source", MADE), await stores("target", OLD_DATA)
    path, _ = back_up(source, ignore)
    other = await asyncpg.connect(target.server.url(target.database), password=target.server.password)
    try:
        with pytest.raises(InUse, match="connected"):
            put_back(target, path, ignore)
    finally:
        await other.close()

    assert rows_of(target) == {"old": 1, "thing": 0}


async def test_what_cannot_be_restored_here_is_refused_before_anything_is_touched(stores: Any) -> None:
    source, target = await stores("source", MADE), await stores("target", OLD_DATA)
    path, _ = back_up(source, ignore)

    target.known = ["tiny 2025-12"]
    with pytest.raises(BackupRefused, match="newer than this code") as newer:
        examine(target, path)
    assert "check out" in newer.value.hint
    target.known = ["tiny 2026-01"]
    target.replicas = ["tiny-1"]
    with pytest.raises(InUse, match="tiny-1"):
        examine(target, path)
