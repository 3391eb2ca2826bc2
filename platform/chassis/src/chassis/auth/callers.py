"""Who sent a request: its tokens, each verified at most once a request, and remembered for a minute."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Generic, TypeVar

from chassis.auth.header import SERVICE_TOKEN_HEADER
from chassis.auth.principals import ServicePrincipal, UserPrincipal
from chassis.auth.tokens import SERVICE_LIFETIME_S, SERVICE_TYPE, USER_AUDIENCE, USER_TYPE
from chassis.auth.verify import Claims, KeySource, Profile, TokenRejected, verify
from chassis.errors import PharosError, Unauthenticated

Scope = MutableMapping[str, Any]
Principal = TypeVar("Principal")

REMEMBER_S = 60.0
REMEMBERED_TOKENS = 2048
LONGEST_USER_TOKEN_S = 3600.0

_SERVICE_HEADER = SERVICE_TOKEN_HEADER.lower().encode()
_BEARER = b"bearer "


class Remembered(Generic[Principal]):
    """Verified tokens and whose they are: at most so many, the one not seen for longest forgotten first.

    None is kept beyond its own end, and none that was not verified, so that forged ones displace no good one.
    """

    def __init__(self, size: int = REMEMBERED_TOKENS) -> None:
        self._size = size
        self._entries: dict[bytes, tuple[Principal, float]] = {}

    def get(self, token: bytes, now: float) -> Principal | None:
        """Whose token it is, if that is known and still holds."""
        entry = self._entries.get(token)
        if entry is None:
            return None
        del self._entries[token]
        if now >= entry[1]:
            return None
        self._entries[token] = entry
        return entry[0]

    def put(self, token: bytes, principal: Principal, until: float) -> None:
        """Remember it until then, in Unix time."""
        self._entries.pop(token, None)
        if len(self._entries) >= self._size:
            del self._entries[next(iter(self._entries))]
        self._entries[token] = (principal, until)


class TokenCheck(Generic[Principal]):
    """Verifies tokens of one kind."""

    def __init__(
        self,
        profile: Profile,
        keys: KeySource,
        principal: Callable[[Claims], Principal],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._profile = profile
        self._keys = keys
        self._principal = principal
        self._clock = clock
        self._remembered: Remembered[Principal] = Remembered()

    async def __call__(self, token: bytes) -> Principal:
        """Whose token it is.

        Raises:
            TokenRejected: the token is not acceptable.
            IssuerUnavailable: its issuer's keys cannot be had.
        """
        now = self._clock()
        known = self._remembered.get(token, now)
        if known is not None:
            return known
        claims = await verify(token.decode("latin-1"), self._profile, self._keys, now=now)
        principal = self._principal(claims)
        self._remembered.put(token, principal, min(claims.exp, now + REMEMBER_S))
        return principal


def service_check(service: str, issuers: frozenset[str], keys: KeySource) -> TokenCheck[ServicePrincipal]:
    """Accepts the tokens that these services issue for calls to `service`."""
    profile = Profile(SERVICE_TYPE, service, issuers, SERVICE_LIFETIME_S)
    return TokenCheck(profile, keys, _service_of)


def user_check(issuer: str | None, keys: KeySource) -> TokenCheck[UserPrincipal]:
    """Accepts the access tokens of this issuer; without an issuer, none."""
    profile = Profile(USER_TYPE, USER_AUDIENCE, {issuer} if issuer else (), LONGEST_USER_TOKEN_S)
    return TokenCheck(profile, keys, _user_of)


def _service_of(claims: Claims) -> ServicePrincipal:
    if claims.sub != claims.iss:
        raise TokenRejected("A service speaks for itself only: sub and iss differ.")
    return ServicePrincipal(claims.iss)


def _user_of(claims: Claims) -> UserPrincipal:
    if not claims.client_id:
        raise TokenRejected("The access token lacks client_id.")
    return UserPrincipal(claims.sub, claims.client_id, claims.jti, claims.exp)


class Callers:
    """Finds the callers of a request in its ASGI scope, and keeps the finding there."""

    def __init__(self, services: TokenCheck[ServicePrincipal], users: TokenCheck[UserPrincipal]) -> None:
        self._services = services
        self._users = users

    async def trusted(self, scope: Scope) -> bool:
        """Whether the request comes from one of our own services; never raises."""
        try:
            await self.service(scope)
        except PharosError:
            return False
        return True

    async def service(self, scope: Scope) -> ServicePrincipal:
        """The calling service.

        Raises:
            Unauthenticated: there is no service token, or it is not acceptable.
            IssuerUnavailable: the caller's keys cannot be had.
        """
        return await _once(scope, "chassis.service", _header(scope, _SERVICE_HEADER), self._services)

    async def user(self, scope: Scope) -> UserPrincipal:
        """The signed-in person.

        Raises:
            Unauthenticated: there is no access token, or it is not acceptable.
            IssuerUnavailable: the issuer's keys cannot be had.
        """
        header = _header(scope, b"authorization") or b""
        token = header[len(_BEARER) :].strip() if header[: len(_BEARER)].lower() == _BEARER else None
        return await _once(scope, "chassis.user", token, self._users)


async def _once(
    scope: Scope, place: str, token: bytes | None, check: Callable[[bytes], Awaitable[Principal]]
) -> Principal:
    """The outcome of the check, good or bad, from the scope when it was made before."""
    outcome: Principal | PharosError | None = scope.get(place)
    if outcome is None:
        try:
            outcome = await check(token) if token else Unauthenticated("The request carries no token.")
        except PharosError as error:
            outcome = error
        scope[place] = outcome
    if isinstance(outcome, PharosError):
        raise outcome
    return outcome


def _header(scope: Scope, name: bytes) -> bytes | None:
    """The header's value; None when it is absent or stands more than once."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0] if len(values) == 1 else None
