"""The health routes."""

import time

from litestar import Response, Router, get
from litestar.handlers import HTTPRouteHandler

from chassis.health import HealthChecks
from chassis.health.report import HealthReport, Status, ready_status, report
from chassis.lifecycle import Lifecycle
from chassis.settings import ChassisSettings


def health_router(settings: ChassisSettings, lifecycle: Lifecycle, checks: HealthChecks) -> Router:
    """`/health/startup`, `/health/live` and `/health/ready`; only the last asks a dependency."""

    @get("/startup", operation_id="health_startup", summary="Whether start-up is complete")
    async def startup() -> Response[HealthReport]:
        return _answer(report("ok" if lifecycle.started else "failing", settings))

    @get("/live", operation_id="health_live", summary="Whether the event loop turns")
    async def live() -> Response[HealthReport]:
        return Response(report("draining" if lifecycle.draining else "ok", settings), headers=_HEADERS)

    @get("/ready", operation_id="health_ready", summary="Whether requests should be sent here")
    async def ready() -> Response[HealthReport]:
        results = await checks.results()
        status: Status = ready_status(lifecycle, results)
        return _answer(report(status, settings, results, now=time.monotonic()))

    handlers: list[HTTPRouteHandler] = [startup, live, ready]
    return Router("/health", route_handlers=handlers, tags=["operations"], opt={"auth": "public"})


_HEADERS = {"Cache-Control": "no-store"}


def _answer(body: HealthReport) -> Response[HealthReport]:
    return Response(body, status_code=200 if body.status == "ok" else 503, headers=_HEADERS)
