"""The configuration module that Piccolo's migration machinery looks for, made in memory."""

import importlib.util
import sys
from types import ModuleType
from typing import Any

from piccolo.conf.apps import AppConfig, AppRegistry
from piccolo.engine.postgres import PostgresEngine

from chassis.persistence.engine import bind
from chassis.persistence.settings import DatabaseSettings

CHASSIS_APP = "chassis.piccolo_app"


class MigrationEngine(PostgresEngine):
    """Piccolo's own engine: its transactions may nest, which the migration machinery needs."""

    async def check_version(self) -> None:
        """Not at construction."""

    async def prep_database(self) -> None:
        """No extension is needed."""


def configure(settings: DatabaseSettings) -> list[AppConfig]:
    """Make Piccolo find the database and the apps of this service; the apps in the order they are applied.

    Undone by `bind(None)`.
    """
    arguments: dict[str, Any] = settings.connect_arguments()
    # Building an index may take longer than any request may.
    arguments |= {"command_timeout": None, "server_settings": {"application_name": f"{settings.service}-migrate"}}
    engine = MigrationEngine(config=arguments)
    modules = app_modules(settings.service)
    configuration = ModuleType("piccolo_conf")
    configuration.APP_REGISTRY = AppRegistry(apps=list(modules))  # type: ignore[attr-defined]
    bind(engine, configuration)
    return [sys.modules[module].APP_CONFIG for module in modules]


def app_modules(service: str) -> tuple[str, ...]:
    """The Piccolo apps of a service's database; a service without tables of its own has chassis' only."""
    own = f"{service}.piccolo_app"
    has_own = importlib.util.find_spec(service) is not None and importlib.util.find_spec(own) is not None
    return (CHASSIS_APP, own) if has_own else (CHASSIS_APP,)
