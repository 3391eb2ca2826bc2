"""Opening what a process owns beside its port: its database and its connection to the broker."""

from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

from chassis.errors import ConfigurationError, Unavailable
from chassis.health import Check, HealthChecks
from chassis.idempotency.store import release_all
from chassis.messaging import Consumer, Messaging, MessagingSettings
from chassis.persistence import Database, DatabaseSettings
from chassis.settings import ChassisSettings

HANDLERS_S = 1.0
"""Events in hand at the end have this long to be handled; what is cut off is delivered again to another replica."""
RELAY_S = 0.5
"""Outbox rows have this long to be sent at the end; what is left the next process sends."""
POOL_S = 0.5
"""Requests cut off at the end may hold connections; these are cut as well, so that there is time to say so."""


async def open_stores(
    stack: AsyncExitStack, settings: ChassisSettings, consumers: Sequence[Consumer[Any]], health: HealthChecks
) -> Messaging | None:
    """Open the database and, where the manifest has events, the messages, which are returned; closed with the stack.

    Neither has to be reachable: readiness says which is not, and both are tried again until they are.

    Raises:
        ConfigurationError: an address is not set, or the consumers are not those of the manifest.
    """
    check_consumers(settings, consumers)
    database = Database(DatabaseSettings.from_chassis(settings))
    stack.push_async_callback(database.stop, POOL_S)
    await database.start()
    with suppress(Unavailable):
        await release_all(database.engine)
    health.add(Check("database", database.ping))
    if not settings.manifest.messaging:
        return None
    if settings.nats_url is None:
        raise ConfigurationError("PHAROS_NATS_URL", "is not set", "set it in the environment of the process")
    messaging = Messaging(settings.nats_url, database, consumers, MessagingSettings(drain_timeout=RELAY_S))
    stack.push_async_callback(messaging.stop, HANDLERS_S)
    await messaging.start()
    health.add(Check("broker", messaging.ping))
    return messaging


def check_consumers(settings: ChassisSettings, consumers: Sequence[Consumer[Any]]) -> None:
    """Hold the code to `events.consumes` of the manifest.

    Raises:
        ConfigurationError: naming the event type that only one of them has.
    """
    declared = set(settings.manifest.events.consumes)
    handled = {consumer.event_type for consumer in consumers}
    for event_type in sorted(handled - declared):
        raise ConfigurationError(
            "service.toml: `events.consumes`", f"lacks {event_type!r}, which the code handles", "add it"
        )
    for event_type in sorted(declared - handled):
        raise ConfigurationError(
            "service.toml: `events.consumes`", f"has {event_type!r}, which no consumer handles", "add one or remove it"
        )
