"""What a caller can get wrong about an Idempotency-Key."""

from chassis.errors import BadRequest, Conflict, Unprocessable

RETRY_AFTER_S = 1


class KeyMissing(BadRequest):
    """The operation demands a key, and the request has none, an empty one or several."""

    reason = "idempotency-key-missing"
    title = "Idempotency-Key is required"


class KeyInvalid(BadRequest):
    """The key is too long or not printable ASCII."""

    reason = "idempotency-key-invalid"
    title = "Idempotency-Key is invalid"


class KeyReused(Unprocessable):
    """The key was used for another request."""

    reason = "idempotency-key-reused"
    title = "Idempotency-Key was used for another request"


class KeyInFlight(Conflict):
    """The first request of this key is still being answered; ask again later."""

    reason = "idempotency-key-in-flight"
    title = "A request with this Idempotency-Key is in progress"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(RETRY_AFTER_S)}


class AttemptSuperseded(KeyInFlight):
    """This attempt took so long that another has taken over; what it does now would be done twice."""

    title = "Another request with this Idempotency-Key has taken over"
