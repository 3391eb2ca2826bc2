"""What accounts counts; one labelled child per outcome, bound once."""

from typing import Final

from prometheus_client import Counter

from accounts import names

_registrations: Final = Counter(
    names.METRIC_ACCOUNTS_REGISTRATIONS, "Registrations by outcome.", ["registration_outcome"]
)
REGISTERED: Final = _registrations.labels("registered")
REGISTRATION_TAKEN: Final = _registrations.labels("email-taken")
REGISTRATION_REFUSED: Final = _registrations.labels("invalid")

_logins: Final = Counter(names.METRIC_ACCOUNTS_LOGINS, "Log-ins by outcome.", ["login_outcome"])
LOGGED_IN: Final = _logins.labels("ok")
LOGIN_FAILED: Final = _logins.labels("invalid-credentials")
LOGIN_THROTTLED: Final = _logins.labels("throttled")
