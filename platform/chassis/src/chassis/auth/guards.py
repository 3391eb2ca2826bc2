"""Holds each handler to the callers it declares: `auth="public"`, `"user"` or `"service"`."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal, get_args

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from chassis.auth.callers import Callers
from chassis.errors import ConfigurationError, Forbidden
from chassis.manifest import Manifest

Access = Literal["public", "user", "service"]
Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


class CallerNotAllowed(Forbidden):
    """The calling service is known, and its callee does not let it call this operation."""

    reason = "caller-not-allowed"
    title = "Caller not allowed"


def access_guard(callers: Callers, manifest: Manifest) -> Guard:
    """The guard of a whole application: lets in whom the handler's `auth` names, and binds the principal.

    A user is `request.user`. A service is `request.auth`, and the manifest's `[callers]` must allow it the operation.
    """

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        access: Access = "public" if _answers_options(handler) else handler.opt["auth"]
        scope: Any = connection.scope
        if access == "user":
            scope["user"] = await callers.user(scope)
        elif access == "service":
            caller = await callers.service(scope)
            operation = operation_of(handler)
            if not manifest.may_call(caller.name, operation):
                raise CallerNotAllowed(
                    f"{caller.name} may not call {operation}; [callers] of {manifest.name} says who may."
                )
            scope["auth"] = caller

    return guard


def _answers_options(handler: BaseRouteHandler) -> bool:
    """Whether it is the handler that Litestar adds to every path, which only says in `Allow` what there is."""
    return isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}


def check_access(app: Litestar, manifest: Manifest) -> dict[str, Access]:
    """Who may call each operation, by operation_id.

    Refuses to start with a handler open to nobody knows whom, or a policy about an operation that does not exist.

    Raises:
        ConfigurationError: naming the handler or the operation, and the fix.
    """
    declared: dict[str, Access] = {}
    for handler in _handlers(app):
        name = f"handler {handler.handler_name}"
        access: Any = handler.opt.get("auth")
        if access not in get_args(Access):
            raise ConfigurationError(
                name, f"has auth={access!r}", 'declare auth="public", "user" or "service" in its decorator'
            )
        if access == "user" and not manifest.user_issuer:
            raise ConfigurationError(
                name, "is for users", "name the service that signs users in as `user_issuer` in service.toml"
            )
        declared[operation_of(handler)] = access
    operations = {operation for operation, access in declared.items() if access == "service"}
    for caller, allowed in manifest.callers.items():
        for operation in set(allowed) - operations:
            raise ConfigurationError(
                f"service.toml: `callers.{caller}`",
                f"{operation!r} is no operation open to services",
                f"write one of {', '.join(sorted(operations)) or 'none: there is no such operation'}",
            )
    return declared


def operation_of(handler: BaseRouteHandler) -> str:
    """The handler's operation_id, else its function's name."""
    declared = handler.operation_id if isinstance(handler, HTTPRouteHandler) else None
    return declared if isinstance(declared, str) else handler.handler_name.rpartition(".")[2]


def _handlers(app: Litestar) -> Iterable[BaseRouteHandler]:
    """Every handler, save the OPTIONS ones that Litestar makes itself."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:  # type: ignore[union-attr]
            if getattr(handler, "http_methods", None) != {"OPTIONS"}:
                yield handler
