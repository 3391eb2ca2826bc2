"""Declaring what a service does when an event arrives."""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from msgspec import Struct

from chassis.messaging.event import EVENT_TYPE, Event, publisher_of

T = TypeVar("T", bound=Struct)
Handler = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Consumer(Generic[T]):
    """A handler for one event type.

    Attributes:
        event_type: what it handles.
        data: the type of the event's data.
        handler: called with the event, inside a transaction.
        timeout: seconds after which a call is ended and tried again later.
    """

    event_type: str
    data: type[T]
    handler: Handler
    timeout: float

    @property
    def name(self) -> str:
        """What the inbox calls it: the event type, as a service has one handler for each."""
        return self.event_type

    @property
    def publisher(self) -> str:
        """The service whose events these are."""
        return publisher_of(self.event_type)

    def bind(self, **dependencies: Any) -> "Consumer[T]":
        """The same consumer, its handler given these further arguments: `on_paid.bind(client=client)`."""
        return replace(self, handler=functools.partial(self.handler, **dependencies))

    async def __call__(self, event: Event[T]) -> None:
        """Call the handler, as a test does."""
        await self.handler(event)


def consumer(event_type: str, *, data: type[T], timeout: float = 10.0) -> Callable[[Handler], Consumer[T]]:
    """Make an async function the handler of an event type.

    It runs in a transaction that also records the event in the inbox, so that its effect in this database happens
    exactly once. An outage (`Unavailable`, a time-out, a refused connection) is tried again for ever; any other error
    eight times, then the message becomes a dead letter. Events may arrive out of order.

    Args:
        event_type: `<service>.<entity>.<past tense>.v<version>`.
        data: the Struct its data is decoded to; unknown fields are ignored.
        timeout: seconds the handler may take.

    Raises:
        ValueError: the event type is malformed.
    """
    if EVENT_TYPE.fullmatch(event_type) is None:
        raise ValueError(f"{event_type!r} is no event type; write <service>.<entity>.<past tense>.v1")

    def declare(handler: Handler) -> Consumer[T]:
        return Consumer(event_type, data, handler, timeout)

    return declare
