"""One service's database as the commands reach it: PostgreSQL's own programs as the service's role, and its migrations.

There is one for processes and one for containers; both speak for the service alone, with its own password.
"""

from pathlib import Path
from typing import Protocol

import msgspec

from pharos.database.process import Command, run
from warden.catalog import Service


class Migrations(msgspec.Struct, frozen=True, kw_only=True):
    """What `python -m chassis.migrate --status` tells, each as `app id`; `unknown` ran and is not in this code."""

    applied: list[str]
    pending: list[str]
    unknown: list[str]


class Store(Protocol):
    """How to reach the database of one service."""

    @property
    def service(self) -> Service:
        """Whose it is."""
        ...

    @property
    def backups(self) -> Path:
        """The folder of its backups."""
        ...

    def tool(self, program: str, *arguments: str) -> Command:
        """``pg_dump`` or ``psql`` on this database, as the service's role."""
        ...

    def migration(self, option: str) -> Command:
        """``python -m chassis.migrate`` in the environment of the service."""
        ...

    def serving(self) -> tuple[list[str], str]:
        """The replicas that run, and the command that stops them."""
        ...

    def before_restore(self) -> None:
        """Forget what is recorded of the database's state."""
        ...


def migrations_of(store: Store) -> Migrations:
    """What has run and what is pending.

    Raises:
        ToolFailed: the database is away.
    """
    return msgspec.json.decode(run(store.migration("--status")), type=Migrations)


def apply_migrations(store: Store) -> list[str]:
    """Apply what is pending; what that was, as `app id`.

    Raises:
        ToolFailed: a migration failed and was rolled back, those before it stay; or the database is away.
    """
    return msgspec.json.decode(run(store.migration("--json")), type=Migrations).applied
