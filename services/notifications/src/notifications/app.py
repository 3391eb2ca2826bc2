"""The composition root of notifications."""

from litestar import Litestar

from chassis.lifecycle import Background
from chassis.plugin import ChassisPlugin
from notifications.api import NotificationsController, audit_notifications
from notifications.handlers import consumers
from notifications.mail import MailServer
from notifications.sender import Pace, Sender
from notifications.settings import Settings


def create_app(settings: Settings) -> Litestar:
    """The service, wired for these settings."""
    chassis = ChassisPlugin(settings.chassis)
    server = MailServer(settings.smtp_host, settings.smtp_port, settings.sender, settings.smtp_timeout)
    pace = Pace(lease=settings.lease, poll=settings.poll, batch=settings.batch)
    sender = Sender(chassis.client, server, pace)
    chassis.consume(*consumers(sender.wake))
    chassis.keep_running(Background("sender", sender.run))
    return Litestar(route_handlers=[NotificationsController, audit_notifications], plugins=[chassis])
