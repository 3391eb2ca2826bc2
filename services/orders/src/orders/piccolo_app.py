"""What Piccolo migrates."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from orders.tables import Order, OrderLine, SagaRow, SagaStep

APP_CONFIG = AppConfig(
    app_name="orders",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[Order, OrderLine, SagaRow, SagaStep],
)
