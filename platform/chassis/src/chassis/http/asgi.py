"""The layers around Litestar, from the outside in: telemetry, limits and admission, the deadline, then the routes."""

from litestar import Litestar

from chassis.auth.callers import Callers
from chassis.http.admission import Admission
from chassis.http.guard import RequestGuard
from chassis.resilience.asgi import DeadlineMiddleware
from chassis.resilience.requests import RequestLimits
from chassis.telemetry.asgi import TelemetryMiddleware


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
    app.asgi_handler = TelemetryMiddleware(  # type: ignore[assignment]
        RequestGuard(
            DeadlineMiddleware(app.asgi_handler, default=request_timeout),  # type: ignore[arg-type]
            admission,
            limits,
        ),
        trusted=callers.trusted,
        quiet=quiet,
    )
