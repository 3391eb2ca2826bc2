"""Refuses a request with a card number or a NUL character in any text, before a handler, a log line or a row has it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from chassis.cards import holds_card_number, possible_in
from chassis.errors import FieldError, Unprocessable

Headers = list[tuple[bytes, bytes]]
Wrong = Callable[[str], bool]

NOT_TEXT: Final = frozenset({
    b"authorization", b"x-service-token", b"traceparent", b"tracestate", b"content-length", b"content-type", b"host",
    b"date", b"if-modified-since", b"if-unmodified-since", b"x-forwarded-for", b"x-forwarded-host",
})  # fmt: skip
"""Headers with a form of their own, which something else checks or nothing keeps."""


class CardNumberNotAccepted(Unprocessable):
    """A card number was sent where only text, or a payment provider's token, may be. It is not repeated."""

    reason = "card-number-not-accepted"
    title = "Card number not accepted"

    def __init__(self, *fields: str, instead: str = "leave it out") -> None:
        message = f"looks like a card number; {instead}"
        super().__init__(
            "Card numbers are neither accepted nor kept.",
            errors=[FieldError(field=field, message=message) for field in fields],
        )


async def refuse_card_numbers(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """The guard of a whole application; the names of headers, `query.NAME`, `path` and JSON paths are its fields.

    Raises:
        CardNumberNotAccepted: naming every field that holds one.
        Unprocessable: naming every field that holds a NUL character.
    """
    scope: Any = connection.scope
    path, query = scope["path"], scope["query_string"]
    body = b""
    if isinstance(connection, Request) and connection.method not in {"GET", "HEAD", "DELETE", "OPTIONS"}:
        body = await connection.body()
    if found := [*in_headers(scope["headers"]), *in_target(path, query), *in_body(body)]:
        raise CardNumberNotAccepted(*found)
    if b"\\u0000" in body or b"%00" in query or "\x00" in path:
        _refuse_nul([*in_target(path, query, holds_nul), *in_body(body, holds_nul)])


def holds_nul(text: str) -> bool:
    """Whether a character stands in the text that no database of ours can keep."""
    return "\x00" in text


def _refuse_nul(fields: list[str]) -> None:
    if fields:
        message = "holds a NUL character, which cannot be kept; leave it out"
        errors = [FieldError(field=field, message=message) for field in fields]
        raise Unprocessable("The request has invalid fields.", errors=errors)


def in_headers(headers: Headers) -> Iterator[str]:
    """The headers whose value holds a card number."""
    for name, value in headers:
        if name not in NOT_TEXT and possible_in(value) and holds_card_number(_text(value)):
            yield name.decode("latin-1")


def in_target(path: str, query: bytes, wrong: Wrong = holds_card_number) -> Iterator[str]:
    """`path`, where the path holds what is wrong, and `query.NAME` for each parameter that does."""
    if wrong(path) or wrong(unquote(path)):
        yield "path"
    if query and (b"%" in query or b"+" in query or possible_in(query)):
        for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
            if wrong(value):
                yield f"query.{_shown(name)}"
            elif wrong(name):
                yield "query"


def in_body(body: bytes, wrong: Wrong = holds_card_number) -> Iterator[str]:
    """The JSON paths of the strings that hold what is wrong; a body that is not JSON is somebody else's to refuse."""
    if not possible_in(body):
        return
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    yield from _in_document(document, wrong)


def _in_document(document: Any, wrong: Wrong) -> Iterator[str]:
    waiting = [("", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            if wrong(value):
                yield path or "body"
        elif isinstance(value, Mapping):
            if any(wrong(name) for name in value):
                yield path or "body"
            waiting += [(f"{path}.{_shown(name)}" if path else _shown(name), item) for name, item in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}[{position}]", item) for position, item in enumerate(value)]


def _shown(name: str) -> str:
    return "…" if holds_card_number(name) or holds_nul(name) else name


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
