"""The HTTP API of accounts."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter
from msgspec import UNSET, Meta, Struct, UnsetType

from accounts import handlers
from accounts.handlers import LoginRules
from accounts.passwords import Passwords
from accounts.tables import Customer
from chassis.auth.keys import SigningKey, key_set
from chassis.auth.principals import UserPrincipal
from chassis.pages import DEFAULT_LIMIT, MAX_LIMIT

CUSTOMER_ID = "018f6b7e-6d0a-7c3e-9b55-2f4f1f7f0001"

Email = Annotated[str, Meta(max_length=320, examples=["ada@example.org"], description="Where mail reaches them.")]
Password = Annotated[
    str, Meta(max_length=1024, examples=["correct horse battery"], description="At least 12 characters.")
]
Name = Annotated[str, Meta(max_length=400, examples=["Ada Lovelace"], description="How to address the customer.")]
Limit = Annotated[int, Parameter(ge=1, le=MAX_LIMIT, description="Most items in the page.")]
Cursor = Annotated[str | None, Parameter(max_length=200, description="`next_cursor` of the page before.")]
UserRequest = Request[UserPrincipal, Any, Any]


class Registration(Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants to become a customer."""

    email: Email
    password: Password
    name: Name


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer logs in with."""

    email: Email
    password: Password


class Session(Struct, frozen=True):
    """An access token (RFC 9068) to send as `Authorization: Bearer`; `expires_in` is in seconds."""

    access_token: Annotated[str, Meta(examples=["eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"])]
    token_type: Annotated[str, Meta(examples=["Bearer"])]
    expires_in: Annotated[int, Meta(examples=[900])]


class CustomerView(Struct, frozen=True):
    """A customer."""

    customer_id: Annotated[UUID, Meta(examples=[CUSTOMER_ID])]
    email: Email
    name: Name
    created_at: datetime


class ProfileChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of the profile; what is left out stays as it is."""

    name: Name | UnsetType = UNSET


class AuditedCustomer(Struct, frozen=True):
    """A customer without personal data."""

    customer_id: Annotated[UUID, Meta(examples=[CUSTOMER_ID])]
    created_at: datetime


class AuditedCustomers(Struct, frozen=True):
    """One page of customers; `next_cursor` is null in the last one."""

    items: list[AuditedCustomer]
    next_cursor: str | None


class CustomersController(Controller):
    """Customers: to themselves, and to other services."""

    path = "/customers"
    tags = ("customers",)

    @post("/", operation_id="register_customer", auth="public", summary="Register")
    async def register(self, data: Registration, passwords: Passwords) -> CustomerView:
        """Become a customer. The address is compared without case; 409 `email-taken` when it is known already."""
        customer = await handlers.register(
            email=data.email, password=data.password, name=data.name, passwords=passwords
        )
        return _view(customer)

    @get("/me", operation_id="get_profile", auth="user", summary="Show my profile")
    async def profile(self, request: UserRequest) -> CustomerView:
        """The customer who is logged in."""
        return _view(await handlers.get_customer(UUID(request.user.subject)))

    @patch("/me", operation_id="update_profile", auth="user", summary="Change my profile")
    async def update(self, request: UserRequest, data: ProfileChange) -> CustomerView:
        """Change what is given; what is left out stays."""
        name = None if data.name is UNSET else data.name
        return _view(await handlers.rename(UUID(request.user.subject), name))

    @get("/{customer_id:uuid}", operation_id="get_customer", auth="service", summary="Show a customer")
    async def customer(self, customer_id: UUID) -> CustomerView:
        """Any customer, for services; 404 `customer-unknown` when there is none."""
        return _view(await handlers.get_customer(customer_id))


@post("/sessions", operation_id="log_in", auth="public", summary="Log in", tags=["sessions"])
async def log_in(request: Request[Any, Any, Any], data: Credentials, rules: LoginRules) -> Response[Session]:
    """Exchange e-mail address and password for an access token. After too many failures: 429 with Retry-After."""
    token = await handlers.log_in(email=data.email, password=data.password, client=_client(request), rules=rules)
    session = Session(access_token=token, token_type="Bearer", expires_in=int(rules.token_lifetime))  # noqa: S106
    return Response(session, headers={"Cache-Control": "no-store"})


@get("/audit/customers", operation_id="audit_customers", auth="service", summary="Audit customers", tags=["audit"])
async def audit_customers(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> AuditedCustomers:
    """All customers in the order of their registration, without personal data."""
    rows, next_cursor = await handlers.audit(limit=limit, cursor=cursor)
    return AuditedCustomers([AuditedCustomer(row.customer_id, row.created_at) for row in rows], next_cursor)


def user_keys(key: SigningKey) -> HTTPRouteHandler:
    """The route that publishes the keys of access tokens."""
    published = key_set(key)

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
        return Response(published, headers={"Cache-Control": "public, max-age=300"})

    return user_jwks


def _view(customer: Customer) -> CustomerView:
    return CustomerView(customer.customer_id, customer.email, customer.name, customer.created_at)


def _client(request: Request[Any, Any, Any]) -> str:
    """The caller's network address: as the edge saw it, whose word alone reaches this header, else the connection's."""
    return request.headers.get("x-forwarded-for") or (request.client.host if request.client else "")
