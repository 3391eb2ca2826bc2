"""What payments answers instead of what was asked for."""

from uuid import UUID

from chassis.client.errors import RETRIED_HEADER
from chassis.errors import Conflict, DeadlineExceeded, FieldError, NotFound, Unprocessable
from payments.domain import Kind, RefusedOperationError, Status


class InvalidCardToken(Unprocessable):
    """The card token has no token's form."""

    reason = "invalid-card-token"
    title = "Invalid card token"

    def __init__(self, message: str) -> None:
        super().__init__("The card token is not valid.", errors=[FieldError(field="card_token", message=message)])


class PaymentUnknown(NotFound):
    """There is no such payment."""

    reason = "payment-unknown"
    title = "Payment unknown"

    def __init__(self) -> None:
        super().__init__("There is no payment with this id.")


class OrderAlreadyPaid(Conflict):
    """The order has a payment that is pending, authorised or captured."""

    reason = "order-already-paid"
    title = "Order already paid"

    def __init__(self, payment_id: UUID) -> None:
        super().__init__("The order has a payment; it is not charged twice.", payment_id=str(payment_id))


class OrderIsCancelled(Conflict):
    """The order is cancelled; no money is taken for it."""

    reason = "order-cancelled"
    title = "Order cancelled"

    def __init__(self) -> None:
        super().__init__("The order is cancelled; no money is taken for it.")


class OperationRefused(Conflict):
    """The payment's status does not allow the operation; `status_of_payment` tells which it is."""

    reason = "payment-status"
    title = "Not possible in this status"

    def __init__(self, error: RefusedOperationError) -> None:
        advice = _ADVICE.get((error.kind, error.status), f"{error.kind} is not possible")
        super().__init__(f"The payment is {error.status}; {advice}.", status_of_payment=error.status.value)


_ADVICE = {
    (Kind.VOID, Status.CAPTURED): "refund it",
    (Kind.REFUND, Status.AUTHORISED): "nothing was captured yet, void it",
}


class RefundTooLarge(Unprocessable):
    """More was asked back than is left."""

    reason = "refund-too-large"
    title = "Refund too large"

    def __init__(self, message: str) -> None:
        super().__init__(
            "More was asked back than is left of the payment.",
            errors=[FieldError(field="amount.amount_minor", message=message)],
        )


class CurrencyDiffers(Unprocessable):
    """A refund is in the currency of the payment."""

    reason = "currency-differs"
    title = "Currency differs"

    def __init__(self, currency: str) -> None:
        super().__init__(
            "A refund is in the currency of the payment.",
            errors=[FieldError(field="amount.currency", message=f"must be {currency}")],
        )


class ProviderSilent(DeadlineExceeded):
    """The provider has not answered in time; the operation goes on and its outcome can be asked for.

    It says that the failure is further on, so that callers do not open their circuit breakers to payments for the
    provider's sake.
    """

    reason = "provider-silent"
    title = "The payment provider did not answer in time"

    def __init__(self, payment_id: UUID) -> None:
        super().__init__(
            "The outcome is not known yet; ask again with the same request, or read the payment.",
            payment_id=str(payment_id),
        )
        self.headers = {RETRIED_HEADER: "true"}


class ProviderRefused(Conflict):
    """The provider refused to capture, void or refund: its decision about this payment, and no outage.

    It may decide otherwise later, so that a refund is asked for again under the same key.
    """

    final = False
    reason = "provider-refused"
    title = "The payment provider refused"

    def __init__(self, kind: Kind) -> None:
        super().__init__(f"The payment provider refused to {kind} the payment.")
