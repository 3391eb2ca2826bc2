"""What Piccolo migrates."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from inventory.tables import Product, Reservation, ReservationLine, Stock, StockMovement

APP_CONFIG = AppConfig(
    app_name="inventory",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[Product, Stock, Reservation, ReservationLine, StockMovement],
)
