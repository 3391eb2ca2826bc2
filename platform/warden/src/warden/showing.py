"""What an embedded warden shows of itself: spans and log lines to lens, health and metrics on its own port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata

from chassis.telemetry.settings import TelemetrySettings
from chassis.telemetry.telemetry import configure
from warden.environment import Surroundings
from warden.pages import Routes, health, metrics, serve
from warden.ports import require_free

INSTANCE = "warden-1"
_LAST_SECONDS = 1.0
"""What the last spans and lines have to be delivered in; then what they are delivered to is ended as well."""
_WELL = health(lambda: "")
_ROUTES: Routes = {
    "GET /metrics": metrics,
    "GET /health/startup": _WELL,
    "GET /health/live": _WELL,
    "GET /health/ready": _WELL,
}


@asynccontextmanager
async def shown(surroundings: Surroundings) -> AsyncIterator[None]:
    """Show all of that while the block lasts; its end delivers what is left.

    Raises:
        PortInUse: its port is another's.
    """
    ports = surroundings.ports
    require_free({"warden": ports.of("warden")}, ports.base)
    telemetry = configure(settings_of(surroundings))
    await telemetry.start()
    try:
        async with await serve("127.0.0.1", ports.of("warden"), _ROUTES):
            yield
    finally:
        await telemetry.shutdown(_LAST_SECONDS)


def settings_of(surroundings: Surroundings) -> TelemetrySettings:
    """Who we are, and where telemetry goes: nowhere, in a checkout without lens."""
    has_lens = (surroundings.root / "platform" / "lens").is_dir()
    return TelemetrySettings(
        service="warden",
        instance=INSTANCE,
        version=metadata.version("pharos-warden"),
        endpoint=surroundings.ports.url("lens") if has_lens else None,
    )
