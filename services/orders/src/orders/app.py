"""The composition root of orders."""

from datetime import timedelta

from litestar import Litestar
from litestar.di import Provide

from chassis.lifecycle import Background
from chassis.plugin import ChassisPlugin
from orders.api import OrdersController, audit_orders, audit_sagas
from orders.dependencies import Dependencies
from orders.driver import Driver, Pace
from orders.runner import SagaRunner
from orders.sagas import Lease
from orders.settings import Settings


def create_app(settings: Settings) -> Litestar:
    """The service, wired for these settings."""
    chassis = ChassisPlugin(settings.chassis)
    pace = Pace(
        lease=Lease(settings.chassis.instance, timedelta(seconds=settings.lease)),
        patience=settings.patience,
        poll=settings.poll,
        drivers=settings.drivers,
    )
    runner = SagaRunner(Driver(Dependencies(chassis.client, settings.step_timeout), pace), pace)
    chassis.keep_running(Background("sagas", runner.run))
    return Litestar(
        route_handlers=[OrdersController, audit_orders, audit_sagas],
        dependencies={
            "runner": Provide(lambda: runner, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
        },
        plugins=[chassis],
    )
