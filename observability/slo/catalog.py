"""What the manifests say: which services there are, who owns them, and what they promise."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from windows import BURNS

from chassis.manifest import Manifest, Slo, load_manifest
from chassis.telemetry.http_metrics import BUCKETS

ROOT: Final = Path(__file__).resolve().parents[2]
WITHOUT_MANIFEST: Final = ("alertmanager", "collector", "jaeger", "loki", "prometheus", "warden")
"""What Prometheus asks in the containers beside the services: whoever owns the edge owns these."""
EMBEDDED: Final = "lens"
"""The part that takes the backends' place without containers."""

Mode = Literal["any", "embedded", "docker"]


class SloError(ValueError):
    """A manifest promises what no rule can watch."""


class Owner(NamedTuple):
    """Who answers for a service; `mode` is where the service runs."""

    service: str
    owner: str
    pager: str
    tier: int
    mode: Mode


def manifests(root: Path) -> list[Manifest]:
    """Every manifest with its promises checked, by name.

    Raises:
        ConfigurationError: a manifest is wrong.
        SloError: a promise cannot be watched.
    """
    files = [*root.glob("services/*/service.toml"), *root.glob("platform/*/service.toml")]
    loaded = {path: load_manifest(path) for path in files}
    for path, manifest in loaded.items():
        check(manifest, source=str(path.relative_to(root)), served=served_routes(path.with_name("openapi.json")))
    return sorted(loaded.values(), key=lambda manifest: manifest.name)


def owners(loaded: list[Manifest]) -> list[Owner]:
    """Who answers for each service, and for what has no manifest."""
    found = [
        Owner(one.name, one.owner, one.pager, one.tier, "embedded" if one.name == EMBEDDED else "any") for one in loaded
    ]
    edge = next(one for one in found if one.service == "edge")
    return [*found, *(edge._replace(service=name, tier=2, mode="docker") for name in WITHOUT_MANIFEST)]


def budget(slo: Slo) -> Decimal:
    """The share of requests that may fail, without what binary fractions add to it."""
    return 1 - Decimal(str(slo.objective))


def bound(slo: Slo) -> str:
    """The histogram's `le` of a latency promise."""
    return str((slo.threshold_ms or 0) / 1000)


def check(manifest: Manifest, *, source: str, served: frozenset[str] | None = None) -> None:
    """Refuse what could never alert, or would watch nothing; `served` are the routes of the service, if known.

    Raises:
        SloError: naming the file, the SLO and what would do.
    """
    for slo in manifest.slos:
        problem = _problem(slo, served)
        if problem:
            raise SloError(f"{source}: SLO {slo.name!r}: {problem}")


def served_routes(contract: Path) -> frozenset[str] | None:
    """Method and path of every operation in an `openapi.json`; none when there is no such file."""
    if not contract.exists():
        return None
    paths: dict[str, dict[str, Any]] = json.loads(contract.read_text(encoding="utf-8"))["paths"]
    return frozenset(f"{method.upper()} {path}" for path, operations in paths.items() for method in operations)


def _problem(slo: Slo, served: frozenset[str] | None) -> str:
    if slo.kind == "latency" and (slo.threshold_ms or 0) / 1000 not in BUCKETS:
        allowed = ", ".join(f"{seconds * 1000:g}" for seconds in BUCKETS)
        return f"threshold_ms = {slo.threshold_ms} is no bound of the request histogram; choose one of {allowed}"
    fastest = 1 / budget(slo)
    if fastest <= Decimal(str(BURNS[0].factor)):
        least = 1 - 1 / BURNS[0].factor
        return (
            f"with objective = {slo.objective:g} a total outage burns only {fastest:.3g} times as fast as allowed, "
            f"which no page would tell of; choose one above {least:.4f}"
        )
    if slo.route is not None and served is not None and slo.route not in served:
        return f"the service has no route {slo.route!r}; its openapi.json has the routes"
    return ""
