"""Keeps the edge's own pages, which are for operators, from whoever comes from outside."""

from ipaddress import ip_address
from typing import Any

from litestar import Request

from chassis.errors import NotFound

OPERATIONS = ("/metrics", "/schema")


async def private_only(request: Request[Any, Any, Any]) -> None:
    """Before a request of the edge's own routes: `/metrics` and `/schema` exist for callers inside only.

    Inside is an address of this machine or of a private network, where Prometheus is, on a connection that no proxy
    made for somebody else: a load balancer has a private address, too, and says in a header for whom it asks.

    Raises:
        NotFound: the caller is outside, and is not told that there is something.
    """
    path = request.url.path
    if path in OPERATIONS or path.startswith("/schema/"):
        client = request.scope["client"]
        if request.scope.get("chassis.forwarded") or not is_inside(client[0] if client else ""):
            raise NotFound("no public route has this path")


def is_inside(address: str) -> bool:
    """Whether it is an address of this machine or of a private network."""
    try:
        return ip_address(address).is_private
    except ValueError:
        return False
