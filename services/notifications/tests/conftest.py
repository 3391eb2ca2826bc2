"""notifications as a process between a real broker, database and mail server, and a stand-in of accounts."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec
import nats
import pytest
from nats.js.errors import NoStreamResponseError

from chassis.persistence import DatabaseSettings
from testkit.databases import Databases
from testkit.servers import NatsServer, free_port
from testkit.services import Neighbourhood, ServiceServer, running, service_environment, service_server
from testkit.waiting import wait_until

sys.path.insert(0, str(Path(__file__).parent))

from standins import Accounts, MailBox, accounts_server, mail_server

MANIFEST = Path(__file__).parents[1] / "service.toml"
QUICK = {"NOTIFICATIONS_POLL": "0.2", "NOTIFICATIONS_LEASE": "2", "NOTIFICATIONS_SMTP_TIMEOUT": "1"}
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PRICE = {"amount_minor": 1250, "currency": "EUR"}


@dataclass
class System:
    """notifications and what it talks to."""

    neighbours: Neighbourhood
    accounts: Accounts
    mail: MailBox
    database: DatabaseSettings
    nats_url: str
    server: ServiceServer = field(init=False)

    def customer(self, email: str | None = None, name: str = "Ada Lovelace") -> str:
        """A new customer, whom accounts knows."""
        customer_id = str(uuid4())
        address = email or f"{customer_id[:8]}@example.org"
        self.accounts.customers[customer_id] = {"customer_id": customer_id, "email": address, "name": name}
        return customer_id

    def environment(self, instance: str = "notifications-1", **extra: str) -> dict[str, str]:
        """What a replica is told at start."""
        url = {"PHAROS_SMTP_URL": f"smtp://127.0.0.1:{self.mail.port}"}
        return service_environment(
            "notifications",
            MANIFEST,
            self.neighbours,
            self.database,
            nats_url=self.nats_url,
            instance=instance,
            extra=QUICK | url | extra,
        )

    async def confirm(self, order_id: str, customer_id: str) -> str:
        """orders tells that an order is confirmed."""
        lines = [{"sku": "MUG-BLUE", "quantity": 2, "unit_price": PRICE}]
        total = {"amount_minor": 2500, "currency": "EUR"}
        data = {"order_id": order_id, "customer_id": customer_id, "lines": lines, "total": total}
        return await self.tell("orders.order.confirmed.v1", order_id, data)

    async def cancel(self, order_id: str, customer_id: str, reason: str = "card-declined") -> str:
        """orders tells that an order is cancelled."""
        data: dict[str, Any] = {"order_id": order_id, "customer_id": customer_id, "reason": reason, "lines": []}
        return await self.tell("orders.order.cancelled.v1", order_id, data)

    async def refund(self, order_id: str) -> str:
        """payments tells that an order's money was given back."""
        data = {"payment_id": str(uuid4()), "order_id": order_id, "amount": PRICE, "refunded": PRICE}
        return await self.tell("payments.payment.refunded.v1", order_id, data)

    async def tell(self, event_type: str, subject: str, data: dict[str, Any], *, event_id: str | None = None) -> str:
        """Send an event as its publisher does; its id."""
        event_id = event_id or str(uuid4())
        publisher = event_type.partition(".")[0]
        document = {
            "specversion": "1.0",
            "id": event_id,
            "source": f"urn:pharos:service:{publisher}",
            "type": event_type,
            "subject": subject,
            "time": datetime.now(UTC),
            "datacontenttype": "application/json",
            "dataschema": f"urn:pharos:event:{event_type}",
            "correlationid": f"c-{event_id}",
            "traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01",
            "data": data,
        }
        connection = await nats.connect(self.nats_url)

        async def published() -> bool:
            """Whether it was stored: the service makes the streams it listens to."""
            with contextlib.suppress(NoStreamResponseError):
                await connection.jetstream().publish(event_type, msgspec.json.encode(document))
                return True
            return False

        try:
            await wait_until(published)
        finally:
            await connection.close()
        return event_id

    async def read(self, path: str, *, caller: str = "operator", **query: Any) -> tuple[int, dict[str, Any]]:
        """Ask notifications in the name of a service."""
        headers = {"X-Service-Token": self.neighbours.service_token(caller, "notifications")}
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.server.url + path, headers=headers, params=query) as answer,
        ):
            return answer.status, await answer.json(content_type=None)

    async def noted(self, event_id: str, status: str = "sent") -> dict[str, Any]:
        """Wait until the event's notification has this status; the notification."""

        async def look() -> dict[str, Any] | None:
            with contextlib.suppress(aiohttp.ClientError):
                _, page = await self.read("/notifications", limit=100)
                found = [each for each in page["items"] if each["event_id"] == event_id and each["status"] == status]
                return found[0] if found else None
            return None

        found: dict[str, Any] | None = await wait_until(look, timeout=20, what=f"notification {status}")
        assert found is not None
        return (await self.read(f"/notifications/{found['notification_id']}"))[1]


@pytest.fixture(scope="session")
def service_name() -> str:
    return "notifications"


@pytest.fixture(scope="session")
def shared_system(
    databases: Databases, nats_session: NatsServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    neighbours = Neighbourhood(tmp_path_factory.mktemp("system"))
    with accounts_server() as accounts, mail_server(free_port()) as mail:
        neighbours.place("accounts", accounts.url)
        for issuer in ("operator", "orders"):
            neighbours.key_file(issuer)
        system = System(neighbours, accounts, mail, databases.create("notifications"), nats_session.url)
        server = service_server("notifications", system.environment(), neighbours.folder)
        with running(server):
            system.server = server
            yield system


@pytest.fixture
def system(shared_system: System) -> Iterator[System]:
    """The session's notifications process; a test ends with no fault left."""
    yield shared_system
    shared_system.mail.replies.clear()
    shared_system.accounts.failures.clear()
