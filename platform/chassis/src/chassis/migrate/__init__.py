"""Bringing a service's database to the schema of its code: chassis' own tables first, then the service's."""

from chassis.migrate.runner import MigrationFailed, Outcome, migrate

__all__ = ["MigrationFailed", "Outcome", "migrate"]
