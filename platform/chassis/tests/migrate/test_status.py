"""What the migration command tells to programs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chassis.environment import Secret
from chassis.migrate import migrate
from chassis.persistence import DatabaseSettings
from testkit import PostgresServer

MANIFEST = """
name = "plain"
description = "A service of a test, with chassis' own tables only"
owner = "team"
pager = "team@pharos.example"
tier = 3
"""


@pytest.fixture
async def empty(postgres: PostgresServer) -> DatabaseSettings:
    connection = await asyncpg.connect(postgres.url(), password=postgres.password)
    await connection.execute("DROP DATABASE IF EXISTS plain WITH (FORCE)")
    await connection.execute("CREATE DATABASE plain")
    await connection.close()
    return DatabaseSettings.from_url(postgres.url("plain"), Secret(postgres.password), service="plain")


def told(folder: Path, settings: DatabaseSettings, option: str) -> Any:
    """The document of the command."""
    (folder / "service.toml").write_text(MANIFEST)
    environment = os.environ | {
        "PHAROS_MANIFEST": str(folder / "service.toml"),
        "PHAROS_PORT": "1",
        "PHAROS_DATABASE_URL": f"postgresql://{settings.user}@{settings.host}:{settings.port}/{settings.database}",
        "PHAROS_DATABASE_PASSWORD": settings.password.reveal() if settings.password else "",
    }
    command = [sys.executable, "-m", "chassis.migrate", option]
    return json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)


async def test_status_tells_what_is_pending_applied_and_unknown_and_changes_nothing(
    tmp_path: Path, empty: DatabaseSettings
) -> None:
    before = told(tmp_path, empty, "--status")
    assert before["applied"] == before["unknown"] == []
    assert told(tmp_path, empty, "--status") == before

    await migrate(empty, at_most=1, report=lambda _: None)
    first = told(tmp_path, empty, "--status")
    assert first == {"applied": before["pending"][:1], "pending": before["pending"][1:], "unknown": []}

    connection = await asyncpg.connect(**empty.connect_arguments())
    await connection.execute("INSERT INTO migration (name, app_name) VALUES ('2999-01-01T00:00:00:000000', 'later')")
    await connection.close()
    assert told(tmp_path, empty, "--status")["unknown"] == ["later 2999-01-01T00:00:00:000000"]


async def test_applying_tells_what_this_run_applied(tmp_path: Path, empty: DatabaseSettings) -> None:
    pending = told(tmp_path, empty, "--status")["pending"]

    assert told(tmp_path, empty, "--json") == {"applied": pending, "pending": [], "unknown": []}
    assert told(tmp_path, empty, "--json")["applied"] == []
