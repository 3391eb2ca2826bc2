"""What the service.toml of different parts say about each other."""

import json
import re
from collections.abc import Mapping
from itertools import product

import pytest
from tree import ROOT, distributions

from chassis.manifest import Manifest, load_manifest

FILES = [dist.folder / "service.toml" for dist in distributions() if (dist.folder / "service.toml").is_file()]
MANIFESTS = {manifest.name: manifest for manifest in map(load_manifest, FILES)}
OUTSIDE = {"operator"}
"""Callers that are no services: the command line of whoever runs the system."""


def calls_of(caller: str) -> Mapping[str, tuple[str, ...]]:
    return MANIFESTS[caller].calls if caller in MANIFESTS else {}


def each(manifest: Manifest) -> str:
    return manifest.name


every_manifest = pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=each)


def test_each_service_has_a_manifest_in_its_own_name() -> None:
    assert {path.parent.name for path in FILES} == set(MANIFESTS)
    assert {path.parent.name for path in ROOT.glob("services/*/pyproject.toml")} <= set(MANIFESTS)


@every_manifest
def test_whom_a_service_calls_lets_it_call(manifest: Manifest) -> None:
    refused = {
        (callee, operation)
        for callee, operations in manifest.calls.items()
        for operation in operations
        if callee not in MANIFESTS or not MANIFESTS[callee].may_call(manifest.name, operation)
    }

    assert not refused


@every_manifest
def test_whoever_may_call_a_service_says_that_it_does(manifest: Manifest) -> None:
    unused = {
        (caller, operation)
        for caller, operations in manifest.callers.items()
        if caller not in OUTSIDE
        for operation in operations
        if operation not in calls_of(caller).get(manifest.name, ())
    }

    assert not unused


@every_manifest
def test_every_event_consumed_is_published(manifest: Manifest) -> None:
    published = {event for other in MANIFESTS.values() for event in other.events.publishes}

    assert set(manifest.events.consumes) <= published


@every_manifest
def test_users_are_signed_in_by_a_service_that_exists(manifest: Manifest) -> None:
    assert manifest.user_issuer is None or manifest.user_issuer in MANIFESTS


def test_no_two_services_claim_one_public_route() -> None:
    routes = [
        (manifest.name, route.method, _shape(route.path))
        for manifest in MANIFESTS.values()
        for route in manifest.routes
    ]

    clashes = {
        (first, second) for first, second in product(routes, routes) if first < second and first[1:] == second[1:]
    }

    assert not clashes


@every_manifest
def test_an_objective_for_a_route_names_one_the_service_describes(manifest: Manifest) -> None:
    described = _described(manifest)

    routes = {slo.route for slo in manifest.slos if slo.route}

    assert not {route for route in routes if described and route not in described}


@every_manifest
def test_every_public_route_is_one_the_service_describes(manifest: Manifest) -> None:
    described = _described(manifest)

    assert not {route for route in manifest.edge.routes if described and route not in described}


@every_manifest
def test_every_service_promises_something(manifest: Manifest) -> None:
    assert not manifest.messaging or manifest.slos


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _described(manifest: Manifest) -> set[str]:
    """The routes in the service's checked-in openapi.json, and those every process has beside them."""
    file = ROOT / "services" / manifest.name / "openapi.json"
    if not file.is_file():
        return set()
    paths = json.loads(file.read_text())["paths"]
    return {f"{method.upper()} {path}" for path, item in paths.items() for method in item} | {
        "GET /.well-known/jwks.json"
    }
