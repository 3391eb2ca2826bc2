"""The one place where the HTTP library's exceptions become our outcomes."""

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientOSError,
    ClientPayloadError,
    ClientResponseError,
    ConnectionTimeoutError,
    InvalidURL,
    ServerConnectionError,
)

from chassis.resilience.retry import Outcome

EXPECTED = (ClientError, TimeoutError, OSError)
"""What an attempt may raise that is the network's or the callee's doing."""


def outcome_of(error: BaseException) -> Outcome:
    """What an exception of the HTTP library says about the attempt.

    Raises:
        TypeError: it is none of those, so it is a defect and not an outcome.
    """
    match error:
        case ConnectionTimeoutError() | ClientConnectorError():
            return Outcome.NOT_CONNECTED
        case TimeoutError():
            return Outcome.TIMED_OUT
        case ClientResponseError() | InvalidURL():
            return Outcome.GARBLED
        case ServerConnectionError() | ClientOSError() | ClientPayloadError() | OSError() | ClientError():
            return Outcome.CONNECTION_LOST
        case _:
            raise TypeError(f"not a failure of an attempt: {error!r}") from error
