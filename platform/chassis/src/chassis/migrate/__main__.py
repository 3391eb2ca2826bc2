"""Migrations from the command line, in the environment of a service: `python -m chassis.migrate`.

`--check` only asks whether some are pending; `--status` tells as JSON what is applied and pending; `--json` applies and
tells; `new service.toml "What changes"` writes a migration.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence

from chassis.errors import ConfigurationError, Unavailable
from chassis.manifest import load_manifest
from chassis.migrate.runner import MigrationFailed, migrate, status
from chassis.persistence.settings import DatabaseSettings
from chassis.settings import ChassisSettings

USAGE = "usage: python -m chassis.migrate [--check | --status | --json] | new SERVICE.TOML NAME"
DONE, FAILED, MISUSED, PENDING, UNAVAILABLE = range(5)
"""Exit codes: done or nothing to do; a migration failed; usage or configuration; `--check` found some; no database."""


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the command; its exit code."""
    try:
        return asyncio.run(_run(list(arguments), environ))
    except ConfigurationError as error:
        return _fail(MISUSED, str(error))
    except Unavailable as error:
        return _fail(UNAVAILABLE, error.detail)
    except MigrationFailed as error:
        return _fail(FAILED, str(error))


async def _run(arguments: list[str], environ: Mapping[str, str]) -> int:
    match arguments:
        case []:
            return await _migrate(_settings(environ))
        case ["--check"]:
            return await _check(_settings(environ))
        case ["--status"]:
            return await _status(_settings(environ))
        case ["--json"]:
            return await _migrate_for_programs(_settings(environ))
        case ["new", manifest, description]:
            return await _new(load_manifest(manifest).name, description)
    return _fail(MISUSED, USAGE)


async def _migrate(settings: DatabaseSettings) -> int:
    outcome = await migrate(settings)
    print(f"{settings.service}: {len(outcome.applied)} migrations applied")  # noqa: T201
    return DONE


async def _check(settings: DatabaseSettings) -> int:
    outcome = await migrate(settings, check=True)
    for name in outcome.pending:
        print(f"pending {name}")  # noqa: T201
    return PENDING if outcome.pending else DONE


async def _status(settings: DatabaseSettings) -> int:
    """One JSON document: what has been applied, what is pending, and what this code does not know."""
    found = await status(settings)
    _print(found.applied, found.pending, found.unknown)
    return DONE


async def _migrate_for_programs(settings: DatabaseSettings) -> int:
    """Apply what is pending; one JSON document of the same shape, `applied` being what this run applied."""
    outcome = await migrate(settings, report=lambda _: None)
    _print(outcome.applied, outcome.pending, ())
    return DONE


def _print(applied: Sequence[str], pending: Sequence[str], unknown: Sequence[str]) -> None:
    print(json.dumps({"applied": list(applied), "pending": list(pending), "unknown": list(unknown)}))  # noqa: T201


async def _new(service: str, description: str) -> int:
    from chassis.migrate.creation import create  # noqa: PLC0415 - the generator is heavy and seldom needed

    path = await create(service, description)
    print(path or f"{service}: the tables are as the migrations leave them")  # noqa: T201
    return DONE


def _settings(environ: Mapping[str, str]) -> DatabaseSettings:
    return DatabaseSettings.from_chassis(ChassisSettings.from_environ(environ))


def _fail(code: int, message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:], os.environ))
