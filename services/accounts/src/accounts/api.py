"""The HTTP API of accounts."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET

from accounts import handlers
from accounts.handlers import LoginRules
from accounts.passwords import Passwords
from accounts.schemas import (
    AuditedCustomer,
    AuditedCustomers,
    Credentials,
    CustomerView,
    ProfileChange,
    Registration,
    Session,
)
from chassis.auth.keyring import Signer
from chassis.auth.principals import UserPrincipal
from chassis.pages import DEFAULT_LIMIT, MAX_LIMIT

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Most items in the page.")]
Cursor = Annotated[str | None, QueryParameter(max_length=200, description="`next_cursor` of the page before.")]
UserRequest = Request[UserPrincipal, Any, Any]


class CustomersController(Controller):
    """Customers: to themselves, and to other services."""

    path = "/customers"
    tags = ("customers",)

    @post("/", operation_id="register_customer", auth="public", summary="Register")
    async def register(self, data: JSONBody[Registration], passwords: NamedDependency[Passwords]) -> CustomerView:
        """Become a customer. The address is compared without case; 409 `email-taken` when it is known already."""
        customer = await handlers.register(
            email=data.email, password=data.password, name=data.name, passwords=passwords
        )
        return CustomerView.of(customer)

    @get("/me", operation_id="get_profile", auth="user", summary="Show my profile")
    async def profile(self, request: UserRequest) -> CustomerView:
        """The customer who is logged in."""
        return CustomerView.of(await handlers.get_customer(UUID(request.user.subject)))

    @patch("/me", operation_id="update_profile", auth="user", summary="Change my profile")
    async def update(self, request: UserRequest, data: JSONBody[ProfileChange]) -> CustomerView:
        """Change what is given; what is left out stays."""
        name = None if data.name is UNSET else data.name
        return CustomerView.of(await handlers.rename(UUID(request.user.subject), name))

    @get("/{customer_id:uuid}", operation_id="get_customer", auth="service", summary="Show a customer")
    async def customer(self, customer_id: FromPath[UUID]) -> CustomerView:
        """Any customer, for services; 404 `customer-unknown` when there is none."""
        return CustomerView.of(await handlers.get_customer(customer_id))


@post("/sessions", operation_id="log_in", auth="public", summary="Log in", tags=["sessions"])
async def log_in(
    request: Request[Any, Any, Any], data: JSONBody[Credentials], rules: NamedDependency[LoginRules]
) -> Response[Session]:
    """Exchange e-mail address and password for an access token. After too many failures: 429 with Retry-After."""
    token = await handlers.log_in(email=data.email, password=data.password, client=_client(request), rules=rules)
    session = Session(access_token=token, token_type="Bearer", expires_in=int(rules.token_lifetime))  # noqa: S106
    return Response(session, headers={"Cache-Control": "no-store"})


@get("/audit/customers", operation_id="audit_customers", auth="service", summary="Audit customers", tags=["audit"])
async def audit_customers(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> AuditedCustomers:
    """All customers in the order of their registration, without personal data."""
    rows, next_cursor = await handlers.audit(limit=limit, cursor=cursor)
    return AuditedCustomers([AuditedCustomer(row.customer_id, row.created_at) for row in rows], next_cursor)


def user_keys(signer: Signer) -> HTTPRouteHandler:
    """The route that publishes the keys of access tokens."""

    @get(
        "/.well-known/jwks.json",
        operation_id="get_user_keys",
        auth="public",
        summary="Show the public keys of access tokens",
        tags=["sessions"],
        sync_to_thread=False,
    )
    def user_jwks() -> Response[dict[str, Any]]:
        """The JSON Web Key Set that access tokens are verified with."""
        return Response(signer.published(), headers={"Cache-Control": "public, max-age=300"})

    return user_jwks


def _client(request: Request[Any, Any, Any]) -> str:
    """The caller's network address: as the edge saw it, whose word alone reaches this header, else the connection's."""
    return request.headers.get("x-forwarded-for") or (request.client.host if request.client else "")
