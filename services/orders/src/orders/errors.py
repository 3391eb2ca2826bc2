"""What orders answers instead of what was asked for."""

from collections.abc import Sequence

from chassis.errors import FieldError, NotFound, Unprocessable


class OrderNotFound(NotFound):
    """There is no such order, or it is another customer's."""

    reason = "order-not-found"
    title = "Order not found"

    def __init__(self) -> None:
        super().__init__("There is no order of yours with this id.")


class InvalidOrder(Unprocessable):
    """What is ordered breaks a rule."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("The request has invalid fields.", errors=errors)
