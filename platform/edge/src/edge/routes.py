"""The public routes: which service answers a method and a path."""

from collections.abc import Iterable
from typing import NamedTuple

from chassis.errors import ConfigurationError
from chassis.manifest import Manifest


class PublicRoute(NamedTuple):
    """A method and path template, and the service that serves it."""

    method: str
    template: str
    service: str


class NotAllowed(NamedTuple):
    """The path is public, for other methods."""

    template: str
    methods: tuple[str, ...]


class _Place:
    """All methods of one path shape."""

    __slots__ = ("methods", "segments", "template")

    def __init__(self, template: str) -> None:
        self.template = template
        self.segments = tuple("" if part.startswith("{") else part for part in template.split("/")[1:])
        self.methods: dict[str, PublicRoute] = {}

    def matches(self, segments: list[str]) -> bool:
        """Whether the path has this shape; a parameter takes any segment that is not empty."""
        return all(mine == given if mine else given for mine, given in zip(self.segments, segments, strict=True))


class RouteTable:
    """Finds the route of a request; a fixed segment is preferred to a parameter, from the left.

    Paths are compared as they came, percent-encoding included: the service sees the same bytes, so nothing can mean
    one thing here and another there.

    Raises:
        ConfigurationError: two services claim the same route.
    """

    def __init__(self, routes: Iterable[PublicRoute]) -> None:
        self._fixed: dict[str, _Place] = {}
        self._shaped: dict[int, list[_Place]] = {}
        places: dict[tuple[str, ...], _Place] = {}
        for route in routes:
            place = _Place(route.template)
            place = places.setdefault(place.segments, place)
            _claim(place, route)
        for place in sorted(places.values(), key=lambda place: [not segment for segment in place.segments]):
            if all(place.segments):
                self._fixed[place.template] = place
            else:
                self._shaped.setdefault(len(place.segments), []).append(place)
        self.routes = tuple(
            sorted((route for place in places.values() for route in place.methods.values()), key=lambda r: (r[1], r[0]))
        )

    def find(self, method: str, path: str) -> PublicRoute | NotAllowed | None:
        """The route of a request, the methods its path does have, or nothing."""
        place = self._fixed.get(path) or self._find_shaped(path)
        if place is None:
            return None
        return place.methods.get(method) or NotAllowed(place.template, tuple(sorted(place.methods)))

    def _find_shaped(self, path: str) -> _Place | None:
        segments = path.split("/")[1:]
        return next((place for place in self._shaped.get(len(segments), ()) if place.matches(segments)), None)


def routes_of(manifests: Iterable[Manifest]) -> list[PublicRoute]:
    """The public routes that the services' manifests name."""
    return [PublicRoute(method, path, manifest.name) for manifest in manifests for method, path in manifest.routes]


def _claim(place: _Place, route: PublicRoute) -> None:
    other = place.methods.setdefault(route.method, route)
    if other is not route:
        raise ConfigurationError(
            "edge.routes",
            f"`{route.method} {route.template}` of {route.service} is also "
            f"`{other.method} {other.template}` of {other.service}",
            "remove it from one service.toml",
        )
