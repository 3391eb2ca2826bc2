"""What is the same for every request of one method, route and status: made once, then looked up."""

from functools import lru_cache
from typing import Any, Final

from chassis.telemetry.encoding import StaticAttributes
from chassis.telemetry.http_metrics import HTTP_SERVER

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
"""Methods that may be a label; any other is `_OTHER` (HTTP semantic conventions)."""


class Outcome:
    """Names, attributes and metric of one kind of request."""

    __slots__ = ("attributes", "level", "message", "observe", "span_name")

    def __init__(self, method: str, route: str, status: int) -> None:
        """Bind everything for this known method or `_OTHER`, route template (empty: no route matched) and status."""
        shown = method if method in METHODS else "HTTP"
        values: dict[str, Any] = {"http.request.method": method, "http.response.status_code": status}
        if route:
            values["http.route"] = route
        self.attributes = StaticAttributes(values)
        self.span_name = f"{shown} {route}" if route else shown
        self.message = f"{self.span_name} {status}"
        self.level = "ERROR" if status >= 500 else "INFO"
        self.observe = HTTP_SERVER.duration(method, route, status).observe


_shared: Final = lru_cache(4096)(Outcome)


def outcome(method: str, route: str, status: int) -> Outcome:
    """The shared `Outcome` of a method, route template and status. What a stranger calls a method is not kept."""
    return _shared(method if method in METHODS else "_OTHER", route, status)
