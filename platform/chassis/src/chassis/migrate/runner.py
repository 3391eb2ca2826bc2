"""Applying migrations, one process at a time, each in one transaction with the record that it ran."""

import contextlib
import io
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import AppConfig, MigrationModule

from chassis import locks
from chassis.errors import Unavailable
from chassis.migrate.configuration import configure
from chassis.persistence.engine import bind
from chassis.persistence.errors import translate
from chassis.persistence.settings import DatabaseSettings

LOCK_TIMEOUT_S = 60


class MigrationFailed(Exception):
    """A migration raised; it was rolled back and those before it stay applied. `migration` is its ID."""

    def __init__(self, app: str, migration: str, error: BaseException) -> None:
        super().__init__(f"{app} {migration}: {type(error).__name__}: {error}")
        self.app = app
        self.migration = migration


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: IDs as `app migration`."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """How a database stands to this code: IDs as `app migration`; `unknown` ran and are not in this code."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]


async def migrate(
    settings: DatabaseSettings,
    *,
    check: bool = False,
    at_most: int | None = None,
    report: Callable[[str], None] = print,
) -> Outcome:
    """Apply what is missing, the first `at_most` of it; or with `check` only say what that is.

    Raises:
        Unavailable: the database is away, or another process migrated for over a minute.
        MigrationFailed: a migration raised.
    """
    apps = configure(settings)
    async with _exclusive(settings, check=check):
        manager = BaseMigrationManager()
        if check:
            pending = [f"{app.app_name} {module.ID}" for app, module in await _missing(manager, apps)]
            return Outcome((), tuple(pending))
        with _quiet():
            await manager.create_migration_table()
        applied = []
        for app, module in (await _missing(manager, apps))[:at_most]:
            await _apply(app, module)
            applied.append(f"{app.app_name} {module.ID}")
            report(f"applied {app.app_name} {module.ID} {module.DESCRIPTION}".rstrip())
        return Outcome(tuple(applied), ())


async def status(settings: DatabaseSettings) -> Status:
    """What has been applied, what is pending, and what a later release applied. Changes nothing and waits for nobody.

    Raises:
        Unavailable: the database is away.
    """
    apps = configure(settings)
    async with _exclusive(settings, check=True):
        ran: set[str] = set()
        if await Migration.table_exists().run():
            rows = await Migration.select(Migration.app_name, Migration.name).run()
            ran = {f"{row['app_name']} {row['name']}" for row in rows}
        known = [
            f"{app.app_name} {name}"
            for app in apps
            for name in sorted(BaseMigrationManager().get_migration_modules(app.resolved_migrations_folder_path))
        ]
    return Status(
        tuple(name for name in known if name in ran),
        tuple(name for name in known if name not in ran),
        tuple(sorted(ran - set(known))),
    )


async def _missing(manager: BaseMigrationManager, apps: list[AppConfig]) -> list[tuple[AppConfig, MigrationModule]]:
    exists = await Migration.table_exists().run()
    missing: list[tuple[AppConfig, MigrationModule]] = []
    for app in apps:
        modules = manager.get_migration_modules(app.resolved_migrations_folder_path)
        ran = set(await Migration.get_migrations_which_ran(app_name=app.app_name)) if exists else set()
        missing += [(app, modules[name]) for name in sorted(modules) if name not in ran]
    return missing


async def _apply(app: AppConfig, module: MigrationModule) -> None:
    engine = Migration._meta.db  # noqa: SLF001 - Piccolo's only way to the engine of a table
    try:
        with _quiet():
            prepared = await module.forwards()
            if not prepared.wrap_in_transaction:
                await prepared.run()
            async with engine.transaction():
                if prepared.wrap_in_transaction:
                    await prepared.run()
                await Migration.insert(Migration(name=module.ID, app_name=app.app_name)).run()
    except Exception as error:
        raise MigrationFailed(app.app_name, module.ID, error) from error


@contextlib.asynccontextmanager
async def _exclusive(settings: DatabaseSettings, *, check: bool) -> AsyncIterator[None]:
    """Hold the lock on a connection of its own, so that no transaction of a migration can end it."""
    arguments: dict[str, Any] = settings.connect_arguments()
    arguments["server_settings"] = {
        "application_name": f"{settings.service}-migrate-lock",
        "lock_timeout": str(LOCK_TIMEOUT_S * 1000),
    }
    arguments["command_timeout"] = LOCK_TIMEOUT_S + 5
    try:
        connection = await asyncpg.connect(**arguments)
    except Exception as error:
        raise translate(error) or error from error
    try:
        if not check:
            await _take_lock(connection)
        yield
    finally:
        bind(None)
        await connection.close()


async def _take_lock(connection: Any) -> None:
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", locks.MIGRATION)
    except asyncpg.LockNotAvailableError:
        raise Unavailable(f"another process has been migrating this database for over {LOCK_TIMEOUT_S} s") from None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Piccolo prints as it goes; the report is ours."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
