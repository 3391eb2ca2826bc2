"""Chassis' own tables, as a Piccolo app. Imported by migrations only."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from chassis.tables import DeadLetter, IdempotencyKey, Inbox, Outbox

APP_CONFIG = AppConfig(
    app_name="chassis",
    migrations_folder_path=Path(__file__).parent / "piccolo_migrations",
    table_classes=[Outbox, Inbox, DeadLetter, IdempotencyKey],
)
