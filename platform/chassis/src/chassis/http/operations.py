"""Routes every process has beside its own: metrics and the public half of its signing key."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from chassis.auth.fetch import SERVICE_JWKS_PATH
from chassis.auth.keys import SigningKey, key_set
from chassis.telemetry import METRICS_CONTENT_TYPE, render_metrics


@get("/metrics", auth="public", include_in_schema=False, sync_to_thread=False)
def metrics() -> Response[bytes]:
    """Every metric of the process in OpenMetrics."""
    return Response(render_metrics(), headers={"Content-Type": METRICS_CONTENT_TYPE})


def service_keys(key: SigningKey | None) -> HTTPRouteHandler:
    """The route that publishes the keys this service signs with; an empty set without a key."""
    published = key_set(key) if key else {"keys": []}

    @get(SERVICE_JWKS_PATH, auth="public", include_in_schema=False, sync_to_thread=False)
    def service_jwks() -> Response[dict[str, Any]]:
        return Response(published, headers={"Cache-Control": "public, max-age=300"})

    return service_jwks
