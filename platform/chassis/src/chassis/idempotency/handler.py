"""The decorator that makes a Litestar handler idempotent by key."""

import asyncio
import functools
import inspect
import typing
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, TypeVar

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter
from litestar.serialization import encode_json, get_serializer

from chassis import problem
from chassis.auth.guards import operation_of
from chassis.auth.principals import ServicePrincipal, UserPrincipal
from chassis.correlation import correlation_id
from chassis.errors import PharosError
from chassis.idempotency import metrics
from chassis.idempotency.errors import KeyInFlight, KeyReused
from chassis.idempotency.identity import HEADER, Identity, check_key, fingerprint
from chassis.idempotency.store import Answer, Attempt, claim
from chassis.persistence.engine import bound
from chassis.telemetry import current_span

REPLAYED: Final = "Idempotency-Replayed"
KEY_PARAMETER: Final = "idempotency_key"
_TRANSIENT: Final = frozenset({408, 425, 429})
_KeyHeader = Annotated[
    str | None,
    HeaderParameter(
        name=HEADER,
        description="Required: new for each operation wanted, the same for its repetitions; at most 255 characters.",
        required=False,
    ),
]
F = TypeVar("F", bound=Callable[..., Awaitable[Any]])
AnyRequest = Request[Any, Any, Any]


def idempotent(handler: F) -> F:
    """Do the work of a request once per Idempotency-Key, and answer repetitions with the first answer.

    Stands below the route's decorator. A handler that has a parameter `attempt: Attempt` is given the attempt:

        @post("/orders", operation_id="place_order", opt={"auth": "user"})
        @idempotent
        async def place_order(data: PlaceOrder, attempt: Attempt) -> Order:
            order_id = attempt.reference
            if order_id is None:
                async with transaction():
                    order_id = await create(data)
                    await attempt.remember(order_id)
            ...

    What the handler answers is kept for seven days, refusals (4xx) included; 5xx, 408, 425, 429 and errors that are
    not `final` are not. A request whose process died is taken over by the next with its key, which finds in
    `attempt.reference` what was remembered.

    Answers 400 without a valid key, 422 for a key of another request, 409 while the first is in flight.
    """
    signature = inspect.signature(handler)
    wants_attempt, wants_request = "attempt" in signature.parameters, "request" in signature.parameters

    @functools.wraps(handler)
    async def guarded(*args: Any, request: AnyRequest, **kwargs: Any) -> Any:
        kwargs.pop(KEY_PARAMETER, None)
        held = await _claim(request)
        if isinstance(held, Answer):
            return _replay(held)
        if wants_attempt:
            kwargs["attempt"] = held
        if wants_request:
            kwargs["request"] = request
        return await _work(held, request, functools.partial(handler, *args, **kwargs))

    _describe(guarded, handler, signature)
    return typing.cast("F", guarded)


def _describe(guarded: Any, handler: Any, signature: inspect.Signature) -> None:
    """Show Litestar the handler's parameters without `attempt`, with the request and the key."""
    hints = typing.get_type_hints(handler, include_extras=True)
    hints.pop("attempt", None)
    parameters = [
        each.replace(annotation=hints.get(name, each.annotation))
        for name, each in signature.parameters.items()
        if name not in {"attempt", "request"}
    ]
    added = {"request": (AnyRequest, inspect.Parameter.empty), KEY_PARAMETER: (_KeyHeader, None)}
    for name, (kind, default) in added.items():
        hints[name] = hints.get(name, kind)
        parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hints[name], default=default)
        )
    guarded.__signature__ = signature.replace(parameters=parameters, return_annotation=hints.get("return"))
    guarded.__annotations__ = hints


async def _claim(request: AnyRequest) -> Attempt | Answer:
    identity = await _identify(request)
    try:
        held = await claim(bound(), identity)
    except KeyInFlight:
        metrics.count("in_flight")
        raise
    except KeyReused:
        metrics.count("reused")
        raise
    metrics.count("replayed" if isinstance(held, Answer) else "resumed" if held.reference else "worked")
    return held


async def _identify(request: AnyRequest) -> Identity:
    key = check_key(request.headers.getall(HEADER, []))
    scope = f"{_caller(request)} {operation_of(request.route_handler)}"
    return Identity(
        scope, key, fingerprint(request.method, request.url.path, request.scope["query_string"], await request.body())
    )


def _caller(request: AnyRequest) -> str:
    user, service = request.scope.get("user"), request.scope.get("auth")
    if isinstance(user, UserPrincipal):
        return f"user:{user.subject}"
    return f"service:{service.name}" if isinstance(service, ServicePrincipal) else "public"


async def _work(attempt: Attempt, request: AnyRequest, handle: Callable[[], Awaitable[Any]]) -> Any:
    try:
        result = await handle()
    except PharosError as error:
        await asyncio.shield(_settle(attempt, request, error))
        raise
    except BaseException:
        await asyncio.shield(attempt.release())
        raise
    answer = _answer_of(result, request)
    await asyncio.shield(attempt.complete(answer) if answer.status < 500 else attempt.release())
    return result


async def _settle(attempt: Attempt, request: AnyRequest, error: PharosError) -> None:
    if error.status >= 500 or error.status in _TRANSIENT or not error.final:
        await attempt.release()
        return
    span = current_span()
    document = problem.document(
        error,
        instance=request.url.path,
        correlation_id=correlation_id(),
        trace_id=span.trace_id if span else "",
    )
    headers = {"content-type": problem.MEDIA_TYPE, **problem.headers(error)}
    await attempt.complete(Answer(error.status, headers, problem.encode(document)))


def _answer_of(result: Any, request: AnyRequest) -> Answer:
    """What Litestar will send for this result."""
    route: HTTPRouteHandler = request.route_handler
    response = result if isinstance(result, Response) else None
    content = response.content if response else result
    if isinstance(content, str):
        body = content.encode()
    elif isinstance(content, bytes):
        body = content
    else:
        body = b"" if content is None else encode_json(content, get_serializer(route.resolve_type_encoders()))
    status = response.status_code if response and response.status_code else route.status_code
    media_type = (response.media_type if response else None) or "application/json"
    headers = {"content-type": str(media_type), **(response.headers if response else {})}
    return Answer(status, headers, body)


def _replay(answer: Answer) -> Response[bytes]:
    headers = dict(answer.headers)
    media_type = headers.pop("content-type", "application/json")
    return Response(
        answer.body, status_code=answer.status, media_type=media_type, headers={**headers, REPLAYED: "true"}
    )
