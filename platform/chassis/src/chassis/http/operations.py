"""Routes every process has beside its own: metrics and the public half of its signing key."""

from typing import Any

from litestar import Response, get
from litestar.datastructures import Headers
from litestar.handlers import HTTPRouteHandler

from chassis.auth.fetch import SERVICE_JWKS_PATH
from chassis.auth.keyring import Signer
from chassis.auth.keys import key_set
from chassis.health import HealthChecks
from chassis.health.metrics import show_health
from chassis.health.report import ready_status
from chassis.lifecycle import Lifecycle
from chassis.telemetry.metrics import expose_metrics

HEALTH_S = 1.0
"""Reading the metrics waits that long, at most, for readiness checks whose results are too old."""


def metrics_route(lifecycle: Lifecycle, checks: HealthChecks) -> HTTPRouteHandler:
    """The route of every metric of the process; readiness is asked anew where nobody else did lately."""

    @get("/metrics", auth="public", include_in_schema=False)
    async def metrics(headers: Headers) -> Response[bytes]:
        results = await checks.known(HEALTH_S)
        complete = len(results) == len(checks.names())
        show_health(results, ready=complete and ready_status(lifecycle, results) == "ok")
        content, media_type = expose_metrics(headers.get("Accept", ""))
        return Response(content, headers={"Content-Type": media_type})

    return metrics


def service_keys(signer: Signer | None) -> HTTPRouteHandler:
    """The route that publishes the keys this service signs with; an empty set without a key."""

    @get(SERVICE_JWKS_PATH, auth="public", include_in_schema=False, sync_to_thread=False)
    def service_jwks() -> Response[dict[str, Any]]:
        return Response(signer.published() if signer else key_set(), headers={"Cache-Control": "public, max-age=300"})

    return service_jwks
