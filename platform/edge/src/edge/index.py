"""``GET /``: what is here."""

from typing import Any

from litestar import get
from litestar.handlers import HTTPRouteHandler

from edge.routes import RouteTable
from edge.settings import EdgeSettings


def index_route(settings: EdgeSettings, table: RouteTable) -> HTTPRouteHandler:
    """The route that names all the others."""
    about = {service.name: service.description for service in settings.services}
    body: dict[str, Any] = {
        "name": settings.chassis.service,
        "version": settings.chassis.version,
        "routes": [
            {"method": route.method, "path": route.template, "service": route.service} for route in table.routes
        ],
        "services": about,
        "links": {"health": "/health/ready", "metrics": "/metrics"},
    }

    @get("/", auth="public", operation_id="index", summary="The public routes", sync_to_thread=False)
    def index() -> dict[str, Any]:
        return body

    return index
