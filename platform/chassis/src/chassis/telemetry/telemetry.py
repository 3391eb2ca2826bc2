"""Telemetry of one process: set up, started with its event loop, and shut down with everything delivered."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from opentelemetry import trace

from chassis.telemetry import accounting, logs
from chassis.telemetry.export import SignalExporter
from chassis.telemetry.otlp import logs_body, traces_body
from chassis.telemetry.pipeline import PIPELINE, provider
from chassis.telemetry.queue import DISABLED, SHUTDOWN, SignalQueue
from chassis.telemetry.resource import make_resource
from chassis.telemetry.runtime import LoopLag
from chassis.telemetry.settings import TelemetrySettings
from chassis.telemetry.stdout import LineWriter, stdout_writer

if TYPE_CHECKING:
    import aiohttp


Write = Callable[[bytes], object]


class Telemetry:
    """The telemetry in force. Made by `configure`; `start` and `shutdown` belong to the process's event loop."""

    def __init__(self, settings: TelemetrySettings, lines: LineWriter | None, write: Write | None) -> None:
        """Queues and log sink for `settings`; `lines` or `write` takes log lines."""
        closed = DISABLED if settings.endpoint is None else None
        self.settings = settings
        self.resource = make_resource(settings)
        self.traces = SignalQueue("traces", settings.export, closed=closed)
        self.logs = SignalQueue("logs", settings.export, closed=closed)
        self.sink = logs.LogSink(settings.service, settings.log_level, write if lines is None else lines.write)
        self.lines = lines
        self.lag = LoopLag()
        self._session: aiohttp.ClientSession | None = None
        self._exporters: list[SignalExporter] = []

    async def start(self) -> None:
        """Begin to deliver and to measure the event loop."""
        self.lag.start()
        if self.lines is not None:
            self.lines.attach()
        endpoint = self.settings.endpoint
        if endpoint is None or self._exporters:
            return
        import aiohttp  # noqa: F401, PLC0415 - heavy: paid now, not by the first request

        base = endpoint.rstrip("/")
        for queue, path, body in (
            (self.traces, "/v1/traces", traces_body),
            (self.logs, "/v1/logs", logs_body),
        ):
            exporter = SignalExporter(
                queue,
                url=base + path,
                session=self._http,
                body=body,
                resource=self.resource,
                settings=self.settings.export,
            )
            exporter.start()
            self._exporters.append(exporter)

    async def shutdown(self, deadline: float = 2.0) -> None:
        """Deliver what is queued within `deadline` seconds and count what is left as dropped. Never raises for it."""
        self.lag.stop()
        await asyncio.gather(*(exporter.shutdown(deadline) for exporter in self._exporters))
        self._exporters.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self.settings.endpoint is not None:
            self.traces.close(SHUTDOWN)
            self.logs.close(SHUTDOWN)
        if self.lines is not None:
            self.lines.detach()

    def _http(self) -> "aiohttp.ClientSession":
        import aiohttp  # noqa: PLC0415 - heavy; a process that exports nothing never needs it

        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=2))
        return self._session


def configure(settings: TelemetrySettings, *, write: Write | None = None) -> Telemetry:
    """Put telemetry in force for this process: tracer provider, logging, accounts. Call it once, before any work.

    A second call replaces the first's settings; shut the first down before. `write` takes log lines instead of
    standard output.
    """
    lines = stdout_writer() if write is None and settings.log_to_stdout else None
    telemetry = Telemetry(settings, lines, write)
    PIPELINE.traces = telemetry.traces
    PIPELINE.logs = telemetry.logs
    PIPELINE.sink = telemetry.sink
    PIPELINE.lines = lines
    logs.install(telemetry.sink)
    accounting.register()
    if trace.get_tracer_provider() is not provider:
        trace.set_tracer_provider(provider)
    return telemetry
