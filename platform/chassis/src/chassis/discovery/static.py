"""Discovery by a fixed list."""

from collections.abc import Mapping, Sequence

from chassis.discovery.model import Instance, Jwks


class StaticDiscovery:
    """Answers what it was given: for tests and single-purpose tools."""

    def __init__(self, services: Mapping[str, Sequence[Instance]], jwks: Mapping[str, Jwks] | None = None) -> None:
        self._services = {name: tuple(instances) for name, instances in services.items()}
        self._jwks = dict(jwks or {})

    def instances(self, service: str) -> tuple[Instance, ...]:
        """The replicas given for this service."""
        return self._services.get(service, ())

    def static_jwks(self, issuer: str) -> Jwks | None:
        """The key set given for this issuer."""
        return self._jwks.get(issuer)
