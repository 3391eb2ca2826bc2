"""Which header fields cross the edge, in both directions."""

from collections.abc import Iterable

Field = tuple[str, str]
RawField = tuple[bytes, bytes]

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""They belong to one connection (RFC 9110 §7.6.1)."""

_SET_AGAIN = frozenset({b"host", b"content-length", b"expect"})
"""The connection to the service has its own."""

_OURS = frozenset(
    {
        b"traceparent",
        b"tracestate",
        b"baggage",
        b"b3",
        b"x-correlation-id",
        b"x-service-token",
        b"x-request-timeout-ms",
        b"x-request-priority",
        b"forwarded",
        b"x-real-ip",
        b"x-original-url",
        b"x-rewrite-url",
        b"x-http-method-override",
    }
)
"""A service believes these, so what a caller wrote into them never reaches one. Those that are needed are set anew."""

_OUR_PREFIXES = (b"x-forwarded-", b"x-b3-", b"x-pharos-")

_REPLY_OWN = frozenset({b"server", b"date", b"x-correlation-id", b"x-trace-id", b"x-upstream-retried"})
"""The edge's own reply has them, or they are said between services only."""


class UnreadableHeaderError(ValueError):
    """A header field's value is not text."""


def to_service(headers: Iterable[RawField], client: str, scheme: str) -> tuple[Field, ...]:
    """The fields of a request as a service gets them; names come in lower case.

    Args:
        headers: as the caller sent them.
        client: the caller's address, as the connection shows it.
        scheme: of the caller's request.

    Raises:
        UnreadableHeaderError: a value is not UTF-8, so it could not be passed on unchanged.
    """
    headers = list(headers)
    dropped = _named_by_connection(headers)
    fields = []
    host = ""
    for name, value in headers:
        if name == b"host":
            host = _text(name, value)
        if name in _HOP_BY_HOP or name in _SET_AGAIN or name in _OURS or name in dropped:
            continue
        if not name.startswith(_OUR_PREFIXES):
            fields.append((name.decode("ascii"), _text(name, value)))
    fields += [("x-forwarded-for", client), ("x-forwarded-proto", scheme)]
    if host:
        fields.append(("x-forwarded-host", host))
    return tuple(fields)


def to_caller(headers: Iterable[RawField]) -> list[RawField]:
    """The fields of a service's reply as the caller gets them; names in lower case, values unchanged."""
    lowered = [(name.lower(), value) for name, value in headers]
    dropped = _named_by_connection(lowered)
    return [
        (name, value)
        for name, value in lowered
        if name not in _HOP_BY_HOP and name not in _REPLY_OWN and name not in dropped
    ]


def find(headers: Iterable[RawField], wanted: bytes) -> bytes | None:
    """The first field of that (lower-case) name."""
    return next((value for name, value in headers if name == wanted), None)


def _named_by_connection(headers: list[RawField]) -> frozenset[bytes]:
    named = [option.strip().lower() for name, value in headers if name == b"connection" for option in value.split(b",")]
    return frozenset(named)


def _text(name: bytes, value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableHeaderError(name.decode("ascii", "replace")) from None
