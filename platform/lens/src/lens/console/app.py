"""The console's parts put together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from chassis.manifest import Manifest
from lens.console import pages, prometheus_api
from lens.console.api import ConsoleController
from lens.console.history_api import HistoryController
from lens.console.http import Http
from lens.console.prometheus import Prometheus
from lens.console.settings import ConsoleSettings
from lens.console.system import Survey


class Console:
    """What the application takes into itself: handlers, what they ask, and the connections to be closed at the end."""

    handlers: Final[Sequence[Any]] = (
        ConsoleController,
        HistoryController,
        prometheus_api.query,
        prometheus_api.read,
        prometheus_api.label_values,
        pages.page,
        pages.asset,
        pages.icon,
    )
    quiet: Final = (pages.ASSETS, prometheus_api.PATH)

    def __init__(self, settings: ConsoleSettings, own: Manifest) -> None:
        """`own` is the manifest of the process that serves it."""
        self._http = Http()
        self.prometheus = Prometheus(settings.prometheus, settings.prometheus_status, self._http)
        self.survey = Survey(settings, own, self.prometheus, self._http)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """While it serves."""
        try:
            yield
        finally:
            await self._http.close()
