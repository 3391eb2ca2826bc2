"""The composition root of lens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from litestar import Litestar
from litestar.di import Provide

from chassis.health import Check
from chassis.plugin import ChassisPlugin
from chassis.settings import ChassisSettings
from lens.console.app import Console
from lens.console.guard import Guard
from lens.console.settings import ConsoleSettings
from lens.jaeger.api import JaegerController
from lens.loki.api import LokiController
from lens.mail.api import MailController
from lens.mail.maildir import Maildir
from lens.otlp.api import INGEST_PATH, OtlpController, Receiver
from lens.settings import LensSettings, require_loopback
from lens.store.reader import Reader
from lens.store.retention import Limits
from lens.store.writer import Writer

HOUR_NS = 3_600 * 10**9


def create_app(chassis: ChassisSettings, settings: LensSettings, console: ConsoleSettings) -> Litestar:
    """The application; it opens its database when it starts.

    It sends no telemetry of its own: a store that reports each delivery to itself would never be quiet.
    """
    require_loopback(chassis.host)
    limits = Limits(settings.retention_hours * HOUR_NS, settings.max_bytes)
    writer = Writer(settings.database, limits, settings.queue_records)
    reader = Reader(settings.database, settings.query_seconds)
    pages = Console(console, chassis.manifest)

    @asynccontextmanager
    async def store(_app: Litestar) -> AsyncIterator[None]:
        writer.start()
        try:
            async with pages.open():
                yield
        finally:
            writer.close()
            reader.close()

    async def writes() -> None:
        writer.check()

    app = Litestar(
        route_handlers=[OtlpController, JaegerController, LokiController, MailController, *pages.handlers],
        dependencies={
            "receiver": _given(Receiver(settings, writer)),
            "reader": _given(reader),
            "maildir": _given(Maildir(settings.mail)),
            "console": _given(console),
            "prometheus": _given(pages.prometheus),
            "survey": _given(pages.survey),
        },
        lifespan=[store],
        plugins=[_plugin(chassis, Check("store", writes), (INGEST_PATH, *pages.quiet))],
    )
    app.asgi_handler = Guard(app.asgi_handler)  # type: ignore[arg-type, assignment] # before chassis puts its layers around
    return app


def _plugin(chassis: ChassisSettings, check: Check, quiet: tuple[str, ...]) -> ChassisPlugin:
    """What all parts have, but no telemetry sent to itself and no look for card numbers in what others have cleaned."""
    return ChassisPlugin(replace(chassis, otlp_endpoint=None), readiness=[check], quiet=quiet, screened=False)


def _given(value: object) -> Provide:
    return Provide(lambda: value, sync_to_thread=False, use_cache=True)
