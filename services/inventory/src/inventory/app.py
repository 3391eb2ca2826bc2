"""The composition root of inventory."""

from datetime import timedelta
from functools import partial

from litestar import Litestar
from litestar.di import Provide

from chassis.lifecycle import Background
from chassis.plugin import ChassisPlugin
from inventory.api import ProductsController, ReservationsController, audit_reservations, audit_stock, restock
from inventory.handlers import release_cancelled_order
from inventory.jobs import expire_reservations
from inventory.settings import Settings


def create_app(settings: Settings) -> Litestar:
    """The service, wired for these settings."""
    hold = timedelta(seconds=settings.hold)
    expiry = partial(expire_reservations, poll=settings.expiry_poll, batch=settings.expiry_batch)
    return Litestar(
        route_handlers=[ProductsController, ReservationsController, restock, audit_stock, audit_reservations],
        dependencies={"hold": Provide(lambda: hold, sync_to_thread=False)},
        plugins=[
            ChassisPlugin(
                settings.chassis,
                consumers=[release_cancelled_order],
                background=[Background("reservation expiry", expiry)],
            )
        ],
    )
