"""Passes a request on to its service and the reply back, byte for byte."""

from loguru import logger

from chassis.client import Call, Exchange, ServiceClient
from chassis.errors import BadRequest, NotFound
from chassis.http.errors import MethodNotAllowed
from chassis.resilience.retry import is_repeatable
from edge.asgi import Receive, Scope, Send
from edge.body import ClientGoneError, read_body
from edge.headers import RawField, UnreadableHeaderError, find, to_caller, to_service
from edge.paths import is_plain
from edge.routes import NotAllowed, PublicRoute, RouteTable
from edge.settings import EdgeSettings

_SAFE = frozenset({"GET", "HEAD"})


class Forwarder:
    """The ASGI application behind every public route."""

    def __init__(self, routes: RouteTable, client: ServiceClient, settings: EdgeSettings) -> None:
        self._routes = routes
        self._client = client
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward one request, or answer why not.

        Raises:
            PharosError: what the caller is told, as a problem document.
        """
        target = _target(scope)
        route = self._find(scope, target)
        headers: list[RawField] = list(scope["headers"])
        try:
            body = await read_body(headers, receive, self._settings.max_body_bytes)
        except ClientGoneError:
            logger.debug("caller of {} hung up", route.template)
            return
        call = self._call(scope, route, target, headers, body)
        async with self._client.forward(call) as exchange:
            await _relay(exchange, send)

    def _find(self, scope: Scope, target: str) -> PublicRoute:
        path = target.partition("?")[0]
        found = self._routes.find(scope["method"], path) if is_plain(path) else None
        scope["path_template"] = "" if found is None else found.template
        if found is None:
            raise NotFound("no public route has this path")
        if isinstance(found, NotAllowed):
            raise _not_allowed(found)
        return found

    def _call(self, scope: Scope, route: PublicRoute, target: str, headers: list[RawField], body: bytes | None) -> Call:
        client = scope["client"]
        try:
            fields = to_service(headers, client[0] if client else "unknown", scope["scheme"])
        except UnreadableHeaderError as error:
            raise BadRequest(f"the value of header {error} is not UTF-8") from None
        timeout = self._settings.timeout
        return Call(
            service=route.service,
            operation=f"{route.method} {route.template}",
            method=route.method,
            template=route.template,
            target=target,
            headers=fields,
            body=body,
            repeatable=is_repeatable(route.method, has_idempotency_key=find(headers, b"idempotency-key") is not None),
            timeout=timeout,
            attempt_timeout=self._settings.read_attempt_timeout if route.method in _SAFE else timeout,
        )


def _not_allowed(found: NotAllowed) -> MethodNotAllowed:
    methods = ", ".join(found.methods)
    error = MethodNotAllowed(f"this path answers {methods}")
    error.headers = {"Allow": methods}
    return error


def _target(scope: Scope) -> str:
    """Path and query as they came on the wire."""
    path = scope["raw_path"].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


async def _relay(exchange: Exchange, send: Send) -> None:
    """Send the reply's head, then its body as it arrives.

    A body that breaks off raises after the head was sent, so that the server cuts the connection and the caller can
    tell that the reply is not whole.
    """
    await send({"type": "http.response.start", "status": exchange.status, "headers": to_caller(exchange.raw_headers)})
    async for chunk in exchange.chunks():
        complete = exchange.complete
        await send({"type": "http.response.body", "body": chunk, "more_body": not complete})
        if complete:
            return
    await send({"type": "http.response.body", "body": b"", "more_body": False})
