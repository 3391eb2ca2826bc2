"""Which service a request is for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import ConfigurationError
from chassis.manifest import parse_manifest
from edge.paths import is_plain
from edge.routes import NotAllowed, PublicRoute, RouteTable, routes_of

ME = PublicRoute("GET", "/customers/me", "accounts")
ONE = PublicRoute("GET", "/customers/{customer_id}", "accounts")
CHANGE = PublicRoute("PATCH", "/customers/me", "accounts")
ORDER = PublicRoute("POST", "/orders/{order_id}/cancel", "orders")
TABLE = RouteTable([ONE, ORDER, ME, CHANGE])

literals = st.sampled_from(["a", "b", "c"])
parameters = st.sampled_from(["{x}", "{y}"])
templates = st.lists(literals | parameters, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
routes = st.lists(st.builds(PublicRoute, st.sampled_from(["GET", "POST"]), templates, st.just("s")), max_size=8)
paths = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


def _shape(route: PublicRoute) -> tuple[str, str]:
    return route.method, re.sub(r"\{.*?\}", "{}", route.template)


@given(routes, st.sampled_from(["GET", "POST", "PUT"]), paths)
def test_a_route_is_found_exactly_when_its_template_fits(
    given_routes: list[PublicRoute], method: str, path: str
) -> None:
    distinct = list({_shape(route): route for route in given_routes}.values())
    fitting = [r for r in distinct if re.fullmatch(re.sub(r"\{.*?\}", "[^/]+", r.template), path)]
    found = RouteTable(distinct).find(method, path)
    if not fitting:
        assert found is None
    elif isinstance(found, NotAllowed):
        assert method not in found.methods
    else:
        assert found in fitting
        assert found is not None
        assert found.method == method


def test_a_fixed_segment_is_preferred_to_a_parameter() -> None:
    assert TABLE.find("GET", "/customers/me") is ME
    assert TABLE.find("GET", "/customers/you") is ONE


def test_other_methods_of_the_path_are_named() -> None:
    assert TABLE.find("DELETE", "/customers/me") == NotAllowed("/customers/me", ("GET", "PATCH"))


@pytest.mark.parametrize(
    "path", ["/customers", "/customers/", "/orders//cancel", "/orders/1/cancel/", "/Customers/me", "/"]
)
def test_what_is_not_named_is_not_found(path: str) -> None:
    assert TABLE.find("GET", path) is None


def test_two_services_cannot_claim_one_route() -> None:
    other = PublicRoute("GET", "/customers/{id}", "crm")
    with pytest.raises(ConfigurationError, match=r"crm.*accounts"):
        RouteTable([ONE, other])


def test_routes_come_from_the_manifests() -> None:
    manifest = parse_manifest(
        {
            "name": "orders",
            "description": "d",
            "owner": "o",
            "pager": "p",
            "tier": 1,
            "edge": {"routes": ["POST /orders/{order_id}/cancel"]},
        }
    )
    assert routes_of([manifest]) == [ORDER]


@pytest.mark.parametrize(
    "path", ["/a", "/a/b-c_d.e~f", "/a%20b", "/%C3%A9", "/a;v=1,2", "/...", "/a..b", "/@!$&'()*+=:"]
)
def test_a_plain_path_passes(path: str) -> None:
    assert is_plain(path)


@pytest.mark.parametrize(
    "path",
    [
        "", "a", "/", "//a", "/a/", "/a//b", "/.", "/..", "/a/../b", "/%2e", "/a/%2E%2e/b", "/.%2e", "/a%2fb", "/a%5Cb",
        "/a%00", "/a%0d%0a", "/a%7f", "/a%", "/a%2", "/a%zz", "/a b", "/a\\b", "/é", "/a?b", "/a#b", "/a\n",
    ],
)  # fmt: skip
def test_a_path_that_could_be_read_in_two_ways_does_not(path: str) -> None:
    assert not is_plain(path)
