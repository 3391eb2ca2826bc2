"""The schema that the migrations make is the one the tables describe."""

import asyncio
from pathlib import Path

import pytest

from chassis.migrate.creation import create


def test_no_migration_is_missing() -> None:
    written = asyncio.run(create("accounts", "forgotten"))
    if written is not None:
        Path(written).unlink()
        pytest.fail("the tables have changed; make a migration with `python -m chassis.migrate new NAME`")
