"""Discovery that some services are excepted from: they are found where it was said beforehand."""

from collections.abc import Mapping, Sequence

from chassis.discovery.model import Discovery, Instance, Jwks


class Excepted:
    """Answers the replicas it was given for some services, and another discovery's for the rest."""

    def __init__(self, found: Discovery, exceptions: Mapping[str, Sequence[Instance]]) -> None:
        self._found = found
        self._exceptions = {name: tuple(instances) for name, instances in exceptions.items()}

    def instances(self, service: str) -> tuple[Instance, ...]:
        """Those given for this service, else those that the other one knows."""
        given = self._exceptions.get(service)
        return given if given is not None else self._found.instances(service)

    def static_jwks(self, issuer: str) -> Jwks | None:
        """The other one's."""
        return self._found.static_jwks(issuer)
