"""What Piccolo migrates."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from accounts.tables import Customer, LoginFailure

APP_CONFIG = AppConfig(
    app_name="accounts",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[Customer, LoginFailure],
)
