"""The composition root of accounts."""

from functools import partial

from litestar import Litestar
from litestar.di import Provide

from accounts.api import CustomersController, audit_customers, log_in, user_keys
from accounts.handlers import LoginRules
from accounts.jobs import sweep_failures
from accounts.passwords import Passwords
from accounts.settings import Settings
from chassis.lifecycle import Background
from chassis.plugin import ChassisPlugin


def create_app(settings: Settings) -> Litestar:
    """The service, wired for these settings."""
    passwords = Passwords(parallel=settings.hash_parallel, patience=settings.hash_patience)
    rules = LoginRules(
        passwords=passwords,
        key=settings.user_token_key,
        token_lifetime=settings.token_lifetime,
        email_throttle=settings.email_throttle,
        client_throttle=settings.client_throttle,
    )
    window = max(settings.email_throttle.window, settings.client_throttle.window)
    sweeper = partial(sweep_failures, interval=settings.sweep_interval, window=window)
    return Litestar(
        route_handlers=[CustomersController, log_in, audit_customers, user_keys(settings.user_token_key)],
        dependencies={
            "passwords": Provide(lambda: passwords, sync_to_thread=False),
            "rules": Provide(lambda: rules, sync_to_thread=False),
        },
        plugins=[ChassisPlugin(settings.chassis, background=[Background("login failure sweep", sweeper)])],
    )
