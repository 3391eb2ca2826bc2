"""The layer around every route of lens: whom it answers, and what a browser may do with the answers."""

from collections.abc import Awaitable, Callable, MutableMapping
from ipaddress import ip_address
from typing import Any, Final

from chassis import problem
from chassis.correlation import correlation_id
from chassis.errors import PharosError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)
"""What the page may load: its own files, and styles that its components write into the document."""

_DOCUMENTATION: Final = "/schema"
_DOCUMENTATION_POLICY: Final = f"{POLICY}; script-src 'self' 'unsafe-inline'"  # one page, whose script stands in it
_HEADERS: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_NOT_STORED: Final = (b"cache-control", b"no-store")


class HostNotLocal(PharosError):
    """The request was meant for another host name: a page of a stranger may have pointed its name at this machine."""

    status = 421
    reason = "host-not-local"
    title = "Not a name of this machine"


class Guard:
    """ASGI application around another one: refuses foreign host names, answers HEAD, adds the security headers."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _with_headers(send, _headers_for(scope["path"]))
        if not is_local(_host(scope)):
            await _refuse(guarded, scope["path"])
        elif scope["method"] == "HEAD":
            # Only for the routes: what counts and traces the request still sees it as it came.
            scope["method"] = "GET"
            try:
                await self._app(scope, receive, _without_body(guarded))
            finally:
                scope["method"] = "HEAD"
        else:
            await self._app(scope, receive, guarded)


def is_local(host: str) -> bool:
    """Whether a Host header names this machine by a loopback address or as localhost, with any port."""
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


def _host(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")


def _headers_for(path: str) -> Headers:
    policy = _DOCUMENTATION_POLICY if path.startswith(_DOCUMENTATION) else POLICY
    return [*_HEADERS, (b"content-security-policy", policy.encode())]


def _with_headers(send: Send, headers: Headers) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            stored = any(name == _NOT_STORED[0] for name, _ in given)
            message["headers"] = [*given, *headers, *(() if stored else (_NOT_STORED,))]
        await send(message)

    return sending


def _without_body(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
        elif not message.get("more_body", False):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return sending


async def _refuse(send: Send, path: str) -> None:
    refusal = HostNotLocal("lens answers requests to localhost and loopback addresses only; open it by one of those")
    body = problem.encode(problem.document(refusal, instance=path, correlation_id=correlation_id()))
    headers = [
        (b"content-type", problem.MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in problem.headers(refusal).items()),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
