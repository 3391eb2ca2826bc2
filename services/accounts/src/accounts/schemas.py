"""What goes over accounts' HTTP API."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from accounts.domain import Profile

CustomerId = Annotated[
    UUID, Meta(examples=["018f6b7e-6d0a-7c3e-9b55-2f4f1f7f0001"], description="Identifier of the customer.")
]
Email = Annotated[str, Meta(max_length=320, examples=["ada@example.org"], description="Where mail reaches them.")]
Password = Annotated[
    str, Meta(max_length=1024, examples=["correct horse battery"], description="At least 12 characters.")
]
Name = Annotated[str, Meta(max_length=400, examples=["Ada Lovelace"], description="How to address them.")]
Moment = Annotated[datetime, Meta(examples=["2026-03-01T12:00:00Z"])]
NextCursor = Annotated[str | None, Meta(description="Where the next page begins; null on the last one.")]


class Registration(Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants to become a customer."""

    email: Email
    password: Password
    name: Name

    def __repr__(self) -> str:
        """Without anything personal, wherever it may be printed."""
        return "Registration(…)"


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer logs in with."""

    email: Email
    password: Password

    def __repr__(self) -> str:
        """Without anything personal, wherever it may be printed."""
        return "Credentials(…)"


class Session(Struct, frozen=True):
    """An access token (RFC 9068) to send as `Authorization: Bearer`."""

    access_token: Annotated[str, Meta(examples=["eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"])]
    token_type: Annotated[str, Meta(examples=["Bearer"])]
    expires_in: Annotated[int, Meta(examples=[900], description="Seconds.")]


class CustomerView(Struct, frozen=True):
    """A customer."""

    customer_id: CustomerId
    email: Email
    name: Name
    created_at: Moment

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """The customer of this profile."""
        return cls(profile.customer_id, profile.email, profile.name, profile.created_at)


class ProfileChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of the profile; what is left out stays as it is."""

    name: Name | UnsetType = UNSET


class AuditedCustomer(Struct, frozen=True):
    """A customer without personal data."""

    customer_id: CustomerId
    created_at: Moment


class AuditedCustomers(Struct, frozen=True):
    """One page of customers, the oldest first."""

    items: list[AuditedCustomer]
    next_cursor: NextCursor
