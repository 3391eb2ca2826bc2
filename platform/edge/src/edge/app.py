"""The edge's composition root."""

from litestar import Litestar, asgi
from litestar.config.cors import CORSConfig

from chassis.plugin import ChassisPlugin
from edge.forwarder import Forwarder
from edge.index import index_route
from edge.private import private_only
from edge.routes import RouteTable, routes_of
from edge.settings import EdgeSettings


def create_app(settings: EdgeSettings) -> Litestar:
    """The application that serves the public port.

    Raises:
        ConfigurationError: two services claim the same public route.
    """
    table = RouteTable(routes_of(settings.services))
    chassis = ChassisPlugin(
        settings.chassis,
        request_timeout=settings.timeout,
        trusted=(),
    )
    forwarder = Forwarder(table, chassis.client, settings)
    return Litestar(
        route_handlers=[
            index_route(settings, table),
            asgi("/", is_mount=True, auth="public", copy_scope=False)(forwarder),
        ],
        plugins=[chassis],
        before_request=private_only(settings.operators),
        cors_config=_cors(settings.allow_origins),
    )


def _cors(origins: tuple[str, ...]) -> CORSConfig | None:
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_headers=["authorization", "content-type", "idempotency-key", "x-correlation-id"],
        expose_headers=["x-correlation-id", "x-trace-id", "location", "retry-after"],
    )
