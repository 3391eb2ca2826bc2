"""Discovery that has been told key sets beside what it finds."""

from collections.abc import Mapping

from chassis.discovery.model import Discovery, Instance, Jwks


class KnownKeys:
    """Answers another discovery's replicas, and the key sets it was given before that one's."""

    def __init__(self, found: Discovery, jwks: Mapping[str, Jwks]) -> None:
        self._found = found
        self._jwks = dict(jwks)

    def instances(self, service: str) -> tuple[Instance, ...]:
        """The replicas that the other one knows."""
        return self._found.instances(service)

    def static_jwks(self, issuer: str) -> Jwks | None:
        """The key set given for this issuer, else what the other one holds."""
        given = self._jwks.get(issuer)
        return given if given is not None else self._found.static_jwks(issuer)
