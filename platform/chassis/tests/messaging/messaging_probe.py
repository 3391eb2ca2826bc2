"""What the tests of messaging publish, and a handler that records and fails as told."""

from dataclasses import dataclass, field

from msgspec import Struct

from chassis.messaging import Consumer, Event, MessagingSettings, consumer, publish
from chassis.persistence import transaction

HAPPENED = "probe.thing.happened.v1"
FAST = MessagingSettings(poll_interval=0.1, retry_base=0.02, retry_cap=0.1, max_attempts=3, ack_wait=2.0)


class Thing(Struct, frozen=True):
    name: str


@dataclass
class Seen:
    """Records what a handler was given, and fails as often as it is told to."""

    events: list[Event[Thing]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    calls: int = 0

    @property
    def names(self) -> list[str]:
        return [event.data.name for event in self.events]

    def consumer(self) -> Consumer[Thing]:
        @consumer(HAPPENED, data=Thing, timeout=1.0)
        async def on_happened(event: Event[Thing]) -> None:
            self.calls += 1
            if self.failures:
                raise self.failures.pop(0)
            self.events.append(event)

        return on_happened


async def tell(name: str) -> str:
    async with transaction():
        return await publish(HAPPENED, Thing(name), subject=f"thing-{name}")
