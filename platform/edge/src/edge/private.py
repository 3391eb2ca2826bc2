"""Keeps the edge's own pages, which are for operators, from whoever comes from outside."""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final

from litestar import Request

from chassis.errors import ConfigurationError, NotFound

Network = IPv4Network | IPv6Network
OPERATIONS: Final = ("/metrics", "/schema")
PRIVATE: Final = tuple(
    ip_network(each)
    for each in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
"""This machine and private networks (RFC 1918, 3927, 4193, 4291)."""


def private_only(inside: Sequence[Network]) -> Callable[[Request[Any, Any, Any]], Awaitable[None]]:
    """Before a request of the edge's own routes: `/metrics` and `/schema` exist for callers `inside` only.

    Inside is where Prometheus is, on a connection that no proxy made for somebody else: a load balancer has a private
    address, too, and says in a header for whom it asks. Where one says nothing, its network must not be among these.
    What the returned function raises is NotFound: a caller outside is not told that there is something.
    """

    async def check(request: Request[Any, Any, Any]) -> None:
        path = request.url.path
        if path in OPERATIONS or path.startswith("/schema/"):
            client = request.scope["client"]
            if request.scope.get("chassis.forwarded") or not is_inside(client[0] if client else "", inside):
                raise NotFound("no public route has this path")

    return check


def is_inside(address: str, inside: Sequence[Network] = PRIVATE) -> bool:
    """Whether an address is in one of these networks."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in inside)


def networks_of(text: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list.

    Raises:
        ConfigurationError: one of them is none.
    """
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ConfigurationError(
            "EDGE_OPERATORS", f"names no network: {error}", "write networks like 127.0.0.0/8,10.1.2.0/24"
        ) from error
