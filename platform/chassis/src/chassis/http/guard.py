"""The layer that decides, before anything else is done for a request, whether it is worked on."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from chassis.http.admission import Admission, Overloaded
from chassis.http.refusal import refuse
from chassis.http.request_limits import check_head, count_rejection, guard_body, read_head
from chassis.resilience.places import bind_place, unbind_place
from chassis.resilience.priority import Priority, priority_from_header, reset_priority, set_priority
from chassis.resilience.requests import RequestLimits
from chassis.telemetry import annotate, names

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

EXEMPT: Final = ("/health/", "/.well-known/")
"""Always answered, as `/metrics` is: else an overload would look like a death, and no caller could be verified."""


class RequestGuard:
    """Refuses a request that is over a limit or for which there is no place; binds priority and place around it."""

    def __init__(self, app: App, admission: Admission, limits: RequestLimits) -> None:
        self._app = app
        self._admission = admission
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection; anything but HTTP passes through."""
        if scope["type"] != "http" or scope["path"] == "/metrics" or scope["path"].startswith(EXEMPT):
            await self._app(scope, receive, send)
            return
        head = read_head(scope["headers"])
        error = check_head(head, len(scope["raw_path"]) + len(scope["query_string"]), self._limits)
        if error is not None:
            count_rejection(error)
            await refuse(scope["path"], send, error)
            return
        priority = priority_from_header(head.priority)
        if priority is not Priority.USER:
            annotate({names.REQUEST_PRIORITY: priority.word})
        place = self._admission.enter(priority)
        if place is None:
            try:
                place = await self._admission.wait(priority)
            except Overloaded as refusal:
                await refuse(scope["path"], send, refusal)
                return
        urgency, taken = set_priority(priority), bind_place(place)
        try:
            await self._app(scope, guard_body(head, receive, self._limits), send)
        finally:
            place.end(scope["method"] + (scope.get("path_template") or ""))
            unbind_place(taken)
            reset_priority(urgency)
