"""What Piccolo migrates."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from payments.tables import Journal, LedgerEntry, Operation, OrderAccount, Payment, SandboxOperation

APP_CONFIG = AppConfig(
    app_name="payments",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[OrderAccount, Payment, Operation, Journal, LedgerEntry, SandboxOperation],
)
