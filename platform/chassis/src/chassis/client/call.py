"""One call as it is decided before the first attempt."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

Header = tuple[str, str]


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
