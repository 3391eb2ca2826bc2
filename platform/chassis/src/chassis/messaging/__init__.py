"""Events between services: at least once on the wire, exactly once in effect.

`publish` writes the outbox with the business transaction; a relay sends it to NATS JetStream; a `consumer` runs in a
transaction with the inbox. The outbox is the truth, a stream can be lost.
"""

from chassis.messaging.consumer import Consumer, consumer
from chassis.messaging.dead_letters import DeadLetter, DeadLetters
from chassis.messaging.delivery import Outcome
from chassis.messaging.event import Event
from chassis.messaging.messaging import Messaging
from chassis.messaging.publishing import EventTooLarge, UndeclaredEvent, publish
from chassis.messaging.settings import MessagingSettings

__all__ = [
    "Consumer",
    "DeadLetter",
    "DeadLetters",
    "Event",
    "EventTooLarge",
    "Messaging",
    "MessagingSettings",
    "Outcome",
    "UndeclaredEvent",
    "consumer",
    "publish",
]
