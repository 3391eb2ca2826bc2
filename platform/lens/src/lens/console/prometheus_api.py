"""Prometheus' own reads at Prometheus' own paths, so that what can ask Prometheus can ask here."""

import re
from typing import Any, Final

from litestar import Request, Response, get, route

from chassis.errors import Unprocessable
from lens.console.prometheus import Prometheus

PATH: Final = "/api/v1/"
_ASKED_BOTH_WAYS: Final = [f"{PATH}{name}" for name in ("query", "query_range", "query_exemplars", "series", "labels")]
_ASKED_BY_GET: Final = [f"{PATH}{name}" for name in ("metadata", "rules", "alerts", "status/buildinfo")]
_LABEL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
_FORM: Final = "application/x-www-form-urlencoded"
_Asked = Request[Any, Any, Any]


@route(_ASKED_BOTH_WAYS, http_method=["GET", "POST"], status_code=200, operation_id="prometheus_query", auth="public")
async def query(request: _Asked, prometheus: Prometheus) -> Response[bytes]:
    """A query, its parameters in the address or in a form."""
    return await _pass_on(request, prometheus)


@get(_ASKED_BY_GET, operation_id="prometheus_read", auth="public")
async def read(request: _Asked, prometheus: Prometheus) -> Response[bytes]:
    """What Prometheus knows besides: metrics, rules, alerts, its version."""
    return await _pass_on(request, prometheus)


@get(f"{PATH}label/{{name:str}}/values", operation_id="prometheus_label_values", auth="public")
async def label_values(name: str, request: _Asked, prometheus: Prometheus) -> Response[bytes]:
    """The values of a label."""
    if not _LABEL.fullmatch(name):
        raise Unprocessable(f"{name[:64]!r} is no name of a label")
    return await _pass_on(request, prometheus)


async def _pass_on(request: _Asked, prometheus: Prometheus) -> Response[bytes]:
    form = await request.body() if request.method == "POST" else b""
    headers = {"Content-Type": request.headers.get("content-type", _FORM)} if form else {}
    answer = await prometheus.ask(
        request.method, request.scope["path"], request.scope["query_string"].decode("latin-1"), form, headers
    )
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type or "application/json")
