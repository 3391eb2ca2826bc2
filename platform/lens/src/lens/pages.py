"""The address of a trace for people: the path is the same as Jaeger's page, so that a link works in both modes."""

from litestar import get
from litestar.response import Redirect


@get("/trace/{trace_id:str}", operation_id="trace_page", auth="public", sync_to_thread=False)
def trace_page(trace_id: str) -> Redirect:
    """Leads to the trace."""
    return Redirect(f"/api/traces/{trace_id}")
