"""The rules for customers and their log-ins: pure, standard library only."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

EMAIL_LENGTH = 254
"""Longest address, in characters (RFC 5321 4.5.3.1.3 less the angle brackets)."""
LOCAL_PART_LENGTH = 64
"""Longest part before the @, in characters (RFC 5321 4.5.3.1.1)."""
PASSWORD_MINIMUM = 12
"""Shortest password, in characters; length beats composition rules (NIST SP 800-63B 5.1.1.2)."""
PASSWORD_MAXIMUM = 256
"""Longest password, in characters: hashing costs time in proportion."""
PASSWORD_VARIETY = 5
"""Fewest different characters in a password."""
NAME_LENGTH = 100
"""Longest name, in characters."""

_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is shown of a customer."""

    customer_id: UUID
    email: str
    name: str
    created_at: datetime


class InvalidFieldError(ValueError):
    """A value that breaks a rule; `message` says how to mend it and never repeats the value."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


def fold_email(text: str) -> str:
    """The one spelling under which an address is stored and looked up: trimmed, lower case."""
    return text.strip().lower()


def normalise_email(text: str) -> str:
    """The address of a new customer in its one spelling.

    Raises:
        InvalidFieldError: when it is not an address mail can be sent to.
    """
    email = fold_email(text)
    local, at, domain = email.rpartition("@")
    if not at or not local:
        raise InvalidFieldError("email", "write it as name@domain")
    if len(email) > EMAIL_LENGTH or len(local) > LOCAL_PART_LENGTH:
        raise InvalidFieldError("email", f"at most {LOCAL_PART_LENGTH} characters before the @, {EMAIL_LENGTH} in all")
    if not _LOCAL_PART.fullmatch(local):
        raise InvalidFieldError("email", "before the @ only ASCII letters, digits, single dots and !#$%&'*+/=?^_`{|}~-")
    if not _DOMAIN.fullmatch(domain):
        raise InvalidFieldError("email", "after the @ a domain such as example.org, an international one as xn--")
    return email


def normalise_password(text: str) -> str:
    """The form in which a password is hashed, so that it is the same from every keyboard (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", text)


def check_password(password: str, *, email: str) -> str:
    """A new password, normalised, if the policy accepts it for the customer with this normalised address.

    Raises:
        InvalidFieldError: naming the rule it breaks.
    """
    normal = normalise_password(password)
    if len(normal) < PASSWORD_MINIMUM:
        raise InvalidFieldError("password", f"at least {PASSWORD_MINIMUM} characters")
    if len(normal) > PASSWORD_MAXIMUM:
        raise InvalidFieldError("password", f"at most {PASSWORD_MAXIMUM} characters")
    if len(set(normal)) < PASSWORD_VARIETY:
        raise InvalidFieldError("password", f"at least {PASSWORD_VARIETY} different characters")
    if normal.lower() in {email, email.partition("@")[0]}:
        raise InvalidFieldError("password", "something other than the e-mail address")
    return normal


def normalise_name(text: str) -> str:
    """A customer's name: trimmed, inner white space collapsed, printable.

    Raises:
        InvalidFieldError: when nothing is left, or it is too long, or it holds control characters.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise InvalidFieldError("name", "at least one visible character")
    if len(name) > NAME_LENGTH:
        raise InvalidFieldError("name", f"at most {NAME_LENGTH} characters")
    if not name.isprintable():
        raise InvalidFieldError("name", "printable characters only")
    return name


@dataclass(frozen=True, slots=True)
class ThrottlePolicy:
    """How many failed log-ins are borne within a window before the next attempt must wait for its end."""

    limit: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed log-ins counted under one key since the window began."""

    count: int
    since: datetime


def count_failure(failures: Failures | None, *, now: datetime, policy: ThrottlePolicy) -> Failures:
    """The count after one more failure; a window that has ended begins anew."""
    if failures is None or now >= failures.since + policy.window:
        return Failures(count=1, since=now)
    return Failures(count=failures.count + 1, since=failures.since)


def wait_before_attempt(failures: Failures | None, *, now: datetime, policy: ThrottlePolicy) -> timedelta:
    """How long the next attempt has to wait; zero when it may be made now."""
    if failures is None or failures.count < policy.limit:
        return timedelta(0)
    return max(failures.since + policy.window - now, timedelta(0))
