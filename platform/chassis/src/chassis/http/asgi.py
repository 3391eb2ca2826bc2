"""The layers around Litestar, from the outside in: telemetry, limits and admission, the deadline, then the routes."""

from collections.abc import Callable
from typing import Final

from litestar import Litestar

from chassis.auth.callers import Callers
from chassis.http.admission import Admission
from chassis.http.guard import RequestGuard
from chassis.resilience.asgi import App, DeadlineMiddleware, Receive, Scope, Send
from chassis.resilience.requests import RequestLimits
from chassis.telemetry.asgi import TelemetryMiddleware

__all__ = ["App", "Layer", "Receive", "Scope", "Send", "add_layer", "wrap"]

Layer = Callable[[App], App]
_added: Final[list[Layer]] = []


def add_layer(layer: Layer) -> None:
    """Put a layer of one's own right around the routes of every application that this process serves from now on.

    For whoever starts a service within a process of theirs; `layer` is called on the event loop that serves.
    """
    _added.append(layer)


def wrap(
    app: Litestar,
    callers: Callers,
    admission: Admission,
    limits: RequestLimits,
    *,
    request_timeout: float,
    quiet: tuple[str, ...] = (),
) -> None:
    """Put the layers around the application's own handler.

    Litestar's middleware runs inside its router, which answers 404 and 405 without it; these layers see those, too.
    """
    routes: App = app.asgi_handler  # type: ignore[assignment]
    for layer in _added:
        routes = layer(routes)
    app.asgi_handler = TelemetryMiddleware(  # type: ignore[assignment]
        RequestGuard(
            DeadlineMiddleware(routes, default=request_timeout),
            admission,
            limits,
        ),
        trusted=callers.trusted,
        quiet=quiet,
    )
