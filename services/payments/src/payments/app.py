"""The composition root of payments."""

from litestar import Litestar
from litestar.di import Provide

from chassis.lifecycle import Background
from chassis.plugin import ChassisPlugin
from payments.api import PaymentsController, audit_ledger, audit_payments
from payments.handlers import give_back_cancelled_order
from payments.provider import Provider
from payments.reconciler import Reconciler
from payments.sandbox import Sandbox
from payments.settings import Settings
from payments.settlement import Settlement


def create_app(settings: Settings, provider: Provider | None = None) -> Litestar:
    """The service, wired for these settings; with the sandbox unless another provider is given."""
    settlement = Settlement(provider or Sandbox(), timeout=settings.provider_timeout)
    reconciler = Reconciler(
        settlement,
        poll=settings.reconcile_poll,
        batch=settings.reconcile_batch,
        longest=settings.reconcile_longest,
        hold=settings.authorisation_hold,
    )
    return Litestar(
        route_handlers=[PaymentsController, audit_ledger, audit_payments],
        dependencies={"settlement": Provide(lambda: settlement, sync_to_thread=False)},
        plugins=[
            ChassisPlugin(
                settings.chassis,
                consumers=[give_back_cancelled_order],
                background=[Background("payment reconciler", reconciler.run)],
            )
        ],
    )
