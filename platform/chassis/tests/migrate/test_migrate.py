import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from chassis import piccolo_migrations
from chassis.environment import Secret
from chassis.errors import Unavailable
from chassis.migrate import MigrationFailed, migrate
from chassis.persistence import DatabaseSettings
from testkit import PostgresServer
from testkit.databases import run_apart

TABLES = """
from piccolo.columns import Text
from piccolo.table import Table


class Thing(Table, tablename="thing"):
    name = Text()
"""
APP = """
from pathlib import Path

from piccolo.conf.apps import AppConfig

from {package}.tables import Thing

APP_CONFIG = AppConfig(
    app_name="{package}",
    migrations_folder_path=Path(__file__).parent / "piccolo_migrations",
    table_classes=[Thing],
)
"""
MANIFEST = """
name = "{package}"
description = "A service of a test"
owner = "team"
pager = "team@pharos.example"
tier = 3
"""
BROKEN = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from {package}.tables import Thing

ID = "2999-01-01T00:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Broken"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="{package}", description=DESCRIPTION)

    async def run():
        await Thing.raw("CREATE TABLE half (id int)")
        await Thing.raw("SELECT no_such_function()")

    manager.add_raw(run)
    return manager
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A service of its own for each test, importable, without migrations."""
    name = f"svc{abs(hash(tmp_path)) % 10**8}"
    source = tmp_path / "src" / name
    (source / "piccolo_migrations").mkdir(parents=True)
    (source / "__init__.py").touch()
    (source / "piccolo_migrations" / "__init__.py").touch()
    (source / "tables.py").write_text(TABLES)
    (source / "piccolo_app.py").write_text(APP.format(package=name))
    (tmp_path / "service.toml").write_text(MANIFEST.format(package=name))
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    return name


@pytest.fixture
def empty(postgres: PostgresServer, package: str) -> Iterator[DatabaseSettings]:
    """An empty database for it."""

    async def run(statement: str) -> None:
        connection = await asyncpg.connect(postgres.url(), password=postgres.password)
        await connection.execute(statement)
        await connection.close()

    run_apart(run(f"CREATE DATABASE {package}"))
    yield DatabaseSettings.from_url(postgres.url(package), Secret(postgres.password), service=package)
    run_apart(run(f"DROP DATABASE {package} WITH (FORCE)"))


def command(folder: Path, *arguments: str, settings: DatabaseSettings) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PYTHONPATH": str(folder / "src"),
        "PHAROS_MANIFEST": str(folder / "service.toml"),
        "PHAROS_PORT": "1",
        "PHAROS_DATABASE_URL": f"postgresql://{settings.user}@{settings.host}:{settings.port}/{settings.database}",
        "PHAROS_DATABASE_PASSWORD": settings.password.reveal() if settings.password else "",
    }
    return subprocess.run(
        [sys.executable, "-m", "chassis.migrate", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def tables(settings: DatabaseSettings) -> set[str]:
    connection = await asyncpg.connect(**settings.connect_arguments())
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    return {row["tablename"] for row in rows}


async def test_the_command_writes_checks_and_applies_migrations(
    tmp_path: Path, package: str, empty: DatabaseSettings
) -> None:
    written = command(tmp_path, "new", str(tmp_path / "service.toml"), "Things", settings=empty)
    assert (written.returncode, Path(written.stdout.strip()).parent.name) == (0, "piccolo_migrations")
    again = command(tmp_path, "new", str(tmp_path / "service.toml"), "Nothing", settings=empty)
    assert "as the migrations leave them" in again.stdout

    pending = command(tmp_path, "--check", settings=empty)
    assert pending.returncode == 3
    assert f"pending {package} " in pending.stdout

    applied = command(tmp_path, settings=empty)
    assert applied.returncode == 0, applied.stderr
    assert await tables(empty) >= {"thing", "outbox", "inbox", "dead_letter", "idempotency_key"}
    assert command(tmp_path, "--check", settings=empty).returncode == 0
    assert "0 migrations applied" in command(tmp_path, settings=empty).stdout


async def test_a_failed_migration_leaves_nothing_of_itself_and_all_before_it(
    tmp_path: Path, package: str, empty: DatabaseSettings
) -> None:
    (tmp_path / "src" / package / "piccolo_migrations" / f"{package}_broken.py").write_text(
        BROKEN.format(package=package)
    )
    with pytest.raises(MigrationFailed, match="no_such_function"):
        await migrate(empty, report=lambda _: None)
    found = await tables(empty)
    assert "half" not in found
    assert "outbox" in found
    assert command(tmp_path, settings=empty).returncode == 1


async def test_two_processes_at_once_apply_each_migration_once(tmp_path: Path, empty: DatabaseSettings) -> None:
    outcomes = await asyncio.gather(*(asyncio.to_thread(command, tmp_path, settings=empty) for _ in range(2)))
    assert [outcome.returncode for outcome in outcomes] == [0, 0]
    written = len(list(Path(piccolo_migrations.__file__).parent.glob("chassis_*.py")))
    assert sorted(outcome.stdout.count("applied chassis") for outcome in outcomes) == [0, written]


async def test_a_database_that_is_away_is_said_so(tmp_path: Path, empty: DatabaseSettings) -> None:
    away = DatabaseSettings(service=empty.service, host="127.0.0.1", port=1, user="u", database="d")
    with pytest.raises(Unavailable):
        await migrate(away)
    outcome = command(tmp_path, settings=away)
    assert (outcome.returncode, outcome.stdout) == (4, "")
    assert "database cannot be reached" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_misuse_is_told_from_failure(tmp_path: Path, empty: DatabaseSettings) -> None:
    assert command(tmp_path, "--nonsense", settings=empty).returncode == 2
