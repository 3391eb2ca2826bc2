"""What inventory answers instead of what was asked for."""

from collections.abc import Sequence
from uuid import UUID

from chassis.errors import Conflict, FieldError, NotFound, Unprocessable
from inventory.domain import Status


class ProductUnknown(NotFound):
    """There is no product with this SKU."""

    reason = "product-unknown"
    title = "Product unknown"

    def __init__(self, sku: str) -> None:
        super().__init__(f"There is no product {sku}.")


class UnknownSku(Unprocessable):
    """A line names a product that does not exist."""

    reason = "unknown-sku"
    title = "Unknown SKU"

    def __init__(self, fields: Sequence[str]) -> None:
        errors = [FieldError(field=field, message="names no product; see GET /products") for field in fields]
        super().__init__("A product that was asked for does not exist.", errors=errors)


class QuantityTooLarge(Unprocessable):
    """The lines of one SKU exceed what one reservation may hold."""

    reason = "quantity-too-large"
    title = "Quantity too large"


class MixedCurrencies(Unprocessable):
    """The products are priced in different currencies and cannot be reserved together."""

    reason = "mixed-currencies"
    title = "Mixed currencies"

    def __init__(self) -> None:
        super().__init__("The products are priced in different currencies; reserve them in separate orders.")


class InsufficientStock(Conflict):
    """Fewer pieces are available than were asked for."""

    reason = "insufficient-stock"
    title = "Insufficient stock"

    def __init__(self, sku: str, quantity: int) -> None:
        super().__init__(f"Fewer than {quantity} pieces of {sku} are available.", sku=sku, requested=quantity)


class ReservationDiffers(Conflict):
    """The order has a reservation of something else."""

    reason = "reservation-differs"
    title = "Reservation differs"

    def __init__(self, reservation_id: UUID) -> None:
        super().__init__(
            "This order has reserved other products or quantities before; an order has one reservation.",
            reservation_id=str(reservation_id),
        )


class ReservationUnknown(NotFound):
    """There is no such reservation."""

    reason = "reservation-unknown"
    title = "Reservation unknown"

    def __init__(self) -> None:
        super().__init__("There is no reservation with this id.")


class ReservationExpired(Conflict):
    """The reservation was held too long."""

    reason = "reservation-expired"
    title = "Reservation expired"

    def __init__(self) -> None:
        super().__init__("The reservation was not committed in time, and its stock is available to others again.")


class ReservationEnded(Conflict):
    """The reservation was given back."""

    reason = "reservation-ended"
    title = "Reservation ended"

    def __init__(self, status: Status) -> None:
        super().__init__(f"The reservation is {status}; its stock was given back.", status_of_reservation=status.value)
