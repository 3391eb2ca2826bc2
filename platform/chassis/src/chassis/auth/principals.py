"""The callers a handler can meet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """A service that proved its name with its own key; `request.auth` in a handler open to services."""

    name: str


@dataclass(frozen=True, slots=True)
class UserPrincipal:
    """A person signed in; `request.user` in a handler open to users.

    Attributes:
        subject: the person's identifier at the issuer (`sub`).
        client: the application the person uses (`client_id`).
        token_id: the token's own identifier (`jti`).
        expires_at: Unix time of the token's end.
    """

    subject: str
    client: str
    token_id: str
    expires_at: float
