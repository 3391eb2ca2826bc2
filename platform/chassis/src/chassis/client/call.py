"""One call as it is decided before the first attempt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from urllib.parse import quote, urlencode

import msgspec

from chassis.resilience.calls import CallConfig
from chassis.resilience.retry import is_repeatable

IDEMPOTENCY_HEADER = "Idempotency-Key"
HEALTH_PREFIX = "/health/"

Header = tuple[str, str]


class CallOptions(TypedDict, total=False):
    """What a call may say beyond service, method, path and operation.

    Attributes:
        path_params: values for the path template.
        query: query parameters; a value of none is left out.
        json: the body, anything msgspec encodes.
        headers: further header fields.
        idempotency_key: makes a POST or PATCH repeatable.
        timeout: seconds for all attempts; never more than 90 % of what the current deadline leaves.
        attempt_timeout: seconds for one attempt of a repeatable call.
    """

    path_params: Mapping[str, object]
    query: Mapping[str, object]
    json: Any
    headers: Mapping[str, str]
    idempotency_key: str | None
    timeout: float | None
    attempt_timeout: float | None


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent, to whom, and how long it may take."""

    service: str
    operation: str
    """What the callee names it; for a forwarded request the public template."""
    method: str
    template: str
    target: str
    """Path and query as they go on the wire, percent-encoded."""
    headers: tuple[Header, ...]
    body: bytes | None
    repeatable: bool
    timeout: float
    """Seconds for all attempts together."""
    attempt_timeout: float

    @property
    def exempt(self) -> bool:
        """Whether it asks how the callee is, which must be answered above all when the callee is not well."""
        return self.template.startswith(HEALTH_PREFIX)


def prepare(
    config: CallConfig, options: CallOptions, *, service: str, method: str, template: str, operation: str
) -> Call:
    """The call that a service asked for, with the figures of calls to that service where it gave none.

    Raises:
        ValueError: a path parameter is missing or would change the path's shape.
    """
    key = options.get("idempotency_key")
    body = options.get("json")
    headers = [("Accept", "application/json"), *options.get("headers", {}).items()]
    if key is not None:
        headers.append((IDEMPOTENCY_HEADER, key))
    if body is not None:
        headers.append(("Content-Type", "application/json"))
    return Call(
        service=service,
        operation=operation,
        method=method,
        template=template,
        target=fill(template, options.get("path_params", {}), options.get("query", {})),
        headers=tuple(headers),
        body=None if body is None else msgspec.json.encode(body),
        repeatable=is_repeatable(method, has_idempotency_key=key is not None),
        timeout=options.get("timeout") or config.call_timeout,
        attempt_timeout=options.get("attempt_timeout") or config.attempt_timeout,
    )


def fill(template: str, parameters: Mapping[str, object], query: Mapping[str, object]) -> str:
    """The target of a path template: parameters cannot leave their segment, a query value of none is left out.

    Raises:
        ValueError: a parameter is missing, or is empty and would change the path's shape.
    """
    segments = [_segment(segment, parameters) for segment in template.split("/")]
    asked = [(key, value) for key, value in query.items() if value is not None]
    return "/".join(segments) + (f"?{urlencode(asked)}" if asked else "")


def _segment(segment: str, parameters: Mapping[str, object]) -> str:
    if not segment.startswith("{"):
        return segment
    name = segment[1:-1]
    if name not in parameters:
        raise ValueError(f"path parameter {name!r} is missing")
    value = quote(str(parameters[name]), safe="")
    if value in {"", ".", ".."}:
        raise ValueError(f"path parameter {name!r} cannot be {value!r}")
    return value
