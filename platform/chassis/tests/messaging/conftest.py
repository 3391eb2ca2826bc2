import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from messaging_probe import FAST, Seen

from chassis.messaging import Consumer, Messaging
from chassis.persistence import Database
from testkit import NatsServer


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def messaging_of(database: Database, nats: NatsServer) -> Callable[..., Any]:
    @contextlib.asynccontextmanager
    async def run(*consumers: Consumer[Any], url: str = nats.url, settings: Any = FAST) -> AsyncIterator[Messaging]:
        messaging = Messaging(url, database, consumers, settings)
        await messaging.start()
        try:
            yield messaging
        finally:
            await messaging.stop()

    return run
