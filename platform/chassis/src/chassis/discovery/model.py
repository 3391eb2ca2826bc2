"""What discovery answers, whatever stands behind it."""

from typing import Any, Protocol

import msgspec

Jwks = dict[str, Any]
"""A JSON Web Key Set (RFC 7517 §5): ``{"keys": [...]}``, public keys only."""


class DiscoveryError(ValueError):
    """Discovery cannot be configured as asked; the message says what to write instead."""

    reason = "discovery-misconfigured"


class Instance(msgspec.Struct, frozen=True):
    """One replica of a service and where it listens."""

    id: str
    url: str
    """Origin without a trailing slash: ``http://127.0.0.1:7721``."""
    weight: float = 1.0
    """Share of the traffic relative to its siblings; 0 takes it out of the rotation."""


class Discovery(Protocol):
    """Answers from memory: neither method waits or raises."""

    def instances(self, service: str) -> tuple[Instance, ...]:
        """The replicas known at this moment; empty when there are none."""
        ...

    def static_jwks(self, issuer: str) -> Jwks | None:
        """The key set of an issuer that publishes none itself, such as the operator's command line."""
        ...
