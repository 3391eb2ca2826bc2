"""The use cases of accounts: load, decide, commit."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from accounts import domain, names, telemetry, throttle
from accounts.domain import InvalidFieldError, Profile, ThrottlePolicy
from accounts.errors import CustomerUnknown, EmailTaken, InvalidCredentials, InvalidInput, LoginThrottled
from accounts.events import CUSTOMER_REGISTERED, CustomerRegistered
from accounts.passwords import Passwords
from accounts.tables import Customer
from chassis.auth.keyring import Signer
from chassis.auth.tokens import issue_user_token
from chassis.ids import uuid7
from chassis.messaging import publish
from chassis.pages import Cut, cut, decode_cursor
from chassis.persistence import Prepared, UniqueViolation, transaction
from chassis.telemetry import annotate

ISSUER = "accounts"
CLIENT_ID = "pharos"

_PROFILE = Prepared(
    lambda customer_id: Customer.select(Customer.customer_id, Customer.email, Customer.name, Customer.created_at).where(
        Customer.customer_id == customer_id
    )
)


@dataclass(frozen=True, slots=True)
class LoginRules:
    """What a log-in needs beside the database; the token's lifetime is in seconds."""

    passwords: Passwords
    key: Signer
    token_lifetime: float
    email_throttle: ThrottlePolicy
    client_throttle: ThrottlePolicy


async def register(
    *, email: str, password: str, name: str, passwords: Passwords, customer_id: UUID | None = None
) -> Profile:
    """Make someone a customer; under this id when one is given.

    Raises:
        InvalidInput: a field breaks a rule.
        EmailTaken: the address belongs to a customer.
        HashingBusy: too many register or log in at once.
    """
    try:
        email = domain.normalise_email(email)
        password = domain.check_password(password, email=email)
        name = domain.normalise_name(name)
    except InvalidFieldError as error:
        telemetry.REGISTRATION_REFUSED.inc()
        raise InvalidInput.of(error) from None
    async with passwords.turn():
        hashed = await passwords.hash(password)
    customer = _new_customer(customer_id or uuid7(), email, name, hashed)
    try:
        await _store(customer)
    except UniqueViolation:
        telemetry.REGISTRATION_TAKEN.inc()
        raise EmailTaken from None
    telemetry.REGISTERED.inc()
    annotate({names.CUSTOMER_ID: str(customer.customer_id)})
    return Profile(customer.customer_id, customer.email, customer.name, customer.created_at)


async def log_in(*, email: str, password: str, client: str, rules: LoginRules) -> str:
    """An access token for the customer with this address and password; `client` is the caller's network address.

    Raises:
        LoginThrottled: too many log-ins failed for the address or from the client.
        InvalidCredentials: address or password is wrong.
        HashingBusy: too many register or log in at once.
    """
    email = domain.fold_email(email)
    keys = {throttle.email_key(email): rules.email_throttle, throttle.client_key(client): rules.client_throttle}
    # The turn is taken first, so that no more than `parallel` attempts slip through between two counts.
    async with rules.passwords.turn():
        wait = await throttle.remaining_wait(keys, datetime.now(UTC))
        if wait:
            telemetry.LOGIN_THROTTLED.inc()
            raise LoginThrottled(retry_after=wait.total_seconds())
        customer = await Customer.objects().get(Customer.email == email)
        password = domain.normalise_password(password)
        right = await rules.passwords.matches(customer.password_hash if customer else None, password)
        if customer is None or not right:
            await throttle.record_failure(keys, datetime.now(UTC))
            telemetry.LOGIN_FAILED.inc()
            raise InvalidCredentials
    await _succeeded(customer, password, rules.passwords)
    subject = str(customer.customer_id)
    return issue_user_token(rules.key, issuer=ISSUER, subject=subject, client=CLIENT_ID, lifetime=rules.token_lifetime)


async def get_customer(customer_id: UUID) -> Profile:
    """The customer.

    Raises:
        CustomerUnknown: there is none.
    """
    annotate({names.CUSTOMER_ID: str(customer_id)})
    row = await _PROFILE.first(customer_id)
    if row is None:
        raise CustomerUnknown
    return Profile(**row)


async def rename(customer_id: UUID, name: str | None) -> Profile:
    """Give the customer another name, or leave it when None.

    Raises:
        InvalidInput: the name breaks a rule.
        CustomerUnknown: there is no such customer.
    """
    if name is None:
        return await get_customer(customer_id)
    try:
        name = domain.normalise_name(name)
    except InvalidFieldError as error:
        raise InvalidInput.of(error) from None
    await Customer.update({Customer.name: name, Customer.updated_at: datetime.now(UTC)}).where(
        Customer.customer_id == customer_id
    )
    return await get_customer(customer_id)


async def audit(*, limit: int, cursor: str | None) -> Cut[Customer]:
    """All customers in the order of their registration.

    Raises:
        InvalidCursor: the cursor is not one of this list.
    """
    query = Customer.objects().order_by(Customer.customer_id).limit(limit + 1)
    if cursor is not None:
        (after,) = decode_cursor(cursor, tuple[UUID])
        query = query.where(Customer.customer_id > after)
    return cut(await query, limit, lambda row: (row.customer_id,))


def _new_customer(customer_id: UUID, email: str, name: str, hashed: str) -> Customer:
    now = datetime.now(UTC)
    return Customer(
        customer_id=customer_id, email=email, name=name, password_hash=hashed, created_at=now, updated_at=now
    )


async def _store(customer: Customer) -> None:
    async with transaction():
        await Customer.insert(customer)
        registered = CustomerRegistered(customer.customer_id, customer.created_at)
        await publish(CUSTOMER_REGISTERED, registered, subject=str(customer.customer_id))


async def _succeeded(customer: Customer, password: str, passwords: Passwords) -> None:
    """What a good log-in leaves behind: no failures of the address, and a hash made with today's parameters."""
    await throttle.forget(throttle.email_key(customer.email))
    if passwords.outdated(customer.password_hash):
        async with passwords.turn():
            hashed = await passwords.hash(password)
        await Customer.update({Customer.password_hash: hashed}).where(Customer.customer_id == customer.customer_id)
    telemetry.LOGGED_IN.inc()
    annotate({names.CUSTOMER_ID: str(customer.customer_id)})
