"""A part's `service.toml`: who owns it, what it offers, calls, publishes and promises. The catalog is made of these."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from chassis.errors import ConfigurationError
from chassis.resilience.settings import Resilience, inherit

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]{1,30}$")]
Operation = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,60}$")]
EventType = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]*\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*$")]
Variable = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]*$")]

_ROUTE = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) ((?:/(?:[A-Za-z0-9._~-]+|\{[a-z][a-z0-9_]*\}))+)$")
_FIELD = re.compile(r"unknown field `(?P<field>[^`]+)`")
_MISSING = re.compile(r"missing required field `(?P<field>[^`]+)`")
_PLACE = re.compile(r" - at (?:`key` in )?`\$\.?(?P<place>[^`]*)`$")


class Route(NamedTuple):
    """A public route: the method and the path template, which the service serves unchanged."""

    method: str
    path: str


class Edge(Struct, frozen=True, forbid_unknown_fields=True):
    """What the public port passes on to this service."""

    routes: tuple[str, ...] = ()


class Events(Struct, frozen=True, forbid_unknown_fields=True):
    """Event types, as `<service>.<entity>.<past tense>.v<version>`."""

    publishes: tuple[EventType, ...] = ()
    consumes: tuple[EventType, ...] = ()


class Slo(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A promise over a rolling window: the share of good requests, of all routes or of one."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$")]
    kind: Literal["availability", "latency"]
    objective: Annotated[float, Meta(gt=0, lt=1)]
    threshold_ms: Annotated[int, Meta(ge=1)] | None = None
    route: str | None = None
    window_days: Annotated[int, Meta(ge=1, le=90)] = 28


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The catalog entry of one part.

    Attributes:
        name: also the part's package, database and DNS name.
        tier: 1 is what the business stops without.
        seed: whether `python -m NAME.seed` loads first data.
        database: whether it owns a PostgreSQL database; events need one.
        user_issuer: the service whose access tokens it accepts from users; none when it has no route for them.
        calls: the operations it calls, by callee.
        callers: who may call which of its own operations with a service token.
        resilience: figures of its calls and limits on its requests, where they are not the defaults.
        environment: further variables its process wants; `{…}` in a value is filled in by whoever starts it.
    """

    name: Name
    description: Annotated[str, Meta(min_length=1)]
    owner: Annotated[str, Meta(min_length=1)]
    pager: Annotated[str, Meta(min_length=1)]
    tier: Annotated[int, Meta(ge=1, le=4)]
    seed: bool = False
    database: bool = True
    user_issuer: Name | None = None
    after: tuple[Name, ...] = ()
    edge: Edge = Edge()
    calls: dict[Name, tuple[Operation, ...]] = {}
    callers: dict[Name, tuple[Operation, ...]] = {}
    events: Events = Events()
    resilience: Resilience = Resilience()
    environment: dict[Variable, str] = {}
    slos: tuple[Slo, ...] = ()

    @property
    def routes(self) -> tuple[Route, ...]:
        """The public routes, parsed."""
        return tuple(Route(*route.split(" ", 1)) for route in self.edge.routes)

    @property
    def messaging(self) -> bool:
        """Whether this part publishes or consumes any event."""
        return bool(self.events.publishes or self.events.consumes)

    def may_call(self, caller: str, operation: str) -> bool:
        """Whether `caller` is allowed to call `operation` with its service token."""
        return operation in self.callers.get(caller, ())


def load_manifest(path: Path | str) -> Manifest:
    """Read and check a `service.toml`.

    Raises:
        ConfigurationError: naming the file, the key and what to do.
    """
    path = Path(path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            str(path), error.strerror or "cannot be read", "give the path of a service.toml"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(path), f"is not TOML ({error})", "correct the syntax") from None
    return parse_manifest(document, source=str(path))


def parse_manifest(document: dict[str, Any], *, source: str = "service.toml") -> Manifest:
    """Check a parsed `service.toml`; `source` names it in errors.

    Raises:
        ConfigurationError: naming the source, the key and what to do.
    """
    if isinstance(resilience := document.get("resilience"), dict):
        document = {**document, "resilience": inherit(resilience)}
    try:
        manifest = msgspec.convert(document, Manifest)
    except msgspec.ValidationError as error:
        raise _explain(str(error), source) from None
    for key, problem, fix in _contradictions(manifest):
        raise ConfigurationError(f"{source}: `{key}`", problem, fix)
    return manifest


def _explain(message: str, source: str) -> ConfigurationError:
    """Turn msgspec's message into one that names the key the way the file writes it."""
    place = _PLACE.search(message)
    prefix = place["place"] if place else ""
    if unknown := _FIELD.search(message):
        return ConfigurationError(
            f"{source}: `{_join(prefix, unknown['field'])}`", "is not a known key", "remove or rename it"
        )
    if missing := _MISSING.search(message):
        return ConfigurationError(f"{source}: `{_join(prefix, missing['field'])}`", "is missing", "add it")
    problem = _PLACE.sub("", message)
    return ConfigurationError(
        f"{source}: `{prefix or 'document'}`", problem[:1].lower() + problem[1:], "correct its value"
    )


def _join(prefix: str, field: str) -> str:
    return f"{prefix}.{field}" if prefix else field


def _contradictions(manifest: Manifest) -> list[tuple[str, str, str]]:
    """What the types cannot say, as (key, problem, fix)."""
    found = [
        ("edge.routes", f"{route!r} is not a method and a path template", "write it like `GET /things/{thing_id}`")
        for route in manifest.edge.routes
        if not _ROUTE.match(route)
    ]
    found += [("edge.routes", f"{route!r} stands twice", "remove one") for route in _repeated(manifest.edge.routes)]
    if manifest.name in manifest.calls:
        found.append((f"calls.{manifest.name}", "is this service itself", "remove it"))
    found += [
        (f"resilience.calls_to.{callee}", "is not a service that this one calls", "remove it, or name it in `calls`")
        for callee in manifest.resilience.calls_to
        if manifest.calls and callee not in manifest.calls
    ]
    found += [
        ("events.publishes", f"{event!r} belongs to another service", f"begin it with `{manifest.name}.`")
        for event in manifest.events.publishes
        if not event.startswith(f"{manifest.name}.")
    ]
    if manifest.messaging and not manifest.database:
        found.append(("events", "need the outbox and inbox tables", "set `database = true` or remove the events"))
    found += [
        ("slos", f"{slo.name!r} is a latency objective without `threshold_ms`", "add the threshold in milliseconds")
        for slo in manifest.slos
        if slo.kind == "latency" and slo.threshold_ms is None
    ]
    return found


def _repeated(values: tuple[str, ...]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})
