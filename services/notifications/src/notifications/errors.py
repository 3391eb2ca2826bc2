"""What goes wrong with notifications."""

from chassis.errors import NotFound


class NotificationNotFound(NotFound):
    """There is no such notification."""

    reason = "notification-not-found"
    title = "Notification not found"

    def __init__(self) -> None:
        super().__init__("There is no notification with this id.")


class NotYet(Exception):
    """The message cannot be sent now, and may be later; the text names no address."""


class Undeliverable(Exception):
    """The message can never be sent; the text names no address."""
