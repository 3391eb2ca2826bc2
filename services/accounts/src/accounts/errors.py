"""What accounts answers instead of what was asked for."""

from accounts.domain import InvalidFieldError
from chassis.errors import Conflict, FieldError, NotFound, TooManyRequests, Unauthenticated, Unavailable, Unprocessable


class InvalidInput(Unprocessable):
    """A field breaks a rule of the domain."""

    @classmethod
    def of(cls, error: InvalidFieldError) -> "InvalidInput":
        """The answer to a value the domain refused."""
        return cls("The request has invalid fields.", errors=[FieldError(field=error.field, message=error.message)])


class EmailTaken(Conflict):
    """A customer with this address exists."""

    reason = "email-taken"
    title = "E-mail address taken"

    def __init__(self) -> None:
        super().__init__("There is a customer with this e-mail address; log in, or use another one.")


class CustomerUnknown(NotFound):
    """There is no such customer."""

    reason = "customer-unknown"
    title = "Customer unknown"

    def __init__(self) -> None:
        super().__init__("There is no customer with this id.")


class InvalidCredentials(Unauthenticated):
    """The address is unknown or the password is wrong; which of them is not told."""

    reason = "invalid-credentials"
    title = "Log-in failed"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


class LoginThrottled(TooManyRequests):
    """Too many log-ins failed for this address or from this client."""

    reason = "login-throttled"
    title = "Too many failed log-ins"

    def __init__(self, *, retry_after: float) -> None:
        super().__init__("Too many log-ins failed; wait before the next attempt.", retry_after=retry_after)


class HashingBusy(Unavailable):
    """More passwords wait to be hashed than this replica can hash in time."""

    reason = "hashing-busy"
    title = "Too many log-ins at once"

    def __init__(self) -> None:
        super().__init__("Too many customers register or log in at this moment; try again.", retry_after=1)
