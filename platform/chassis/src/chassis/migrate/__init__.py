"""Bringing a service's database to the schema of its code: chassis' own tables first, then the service's."""

from chassis.migrate.runner import LOCK_KEY, MigrationFailed, Outcome, migrate

__all__ = ["LOCK_KEY", "MigrationFailed", "Outcome", "migrate"]
