"""What inventory does when an order is cancelled."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import nats
import pytest
from nats.js.errors import NotFoundError

from conftest import System
from testkit.waiting import wait_until

CANCELLED = "orders.order.cancelled.v1"


async def cancel(system: System, order_id: str) -> None:
    """Tell that an order was cancelled, as orders does."""
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "urn:pharos:service:orders",
        "type": CANCELLED,
        "subject": order_id,
        "time": datetime.now(UTC).isoformat(),
        "correlationid": "cancel-test-1",
        "data": {"order_id": order_id, "customer_id": str(uuid4()), "reason": "timed-out", "lines": [], "total": None},
    }
    connection = await nats.connect(system.nats_url)
    jetstream = connection.jetstream()
    try:
        await jetstream.stream_info("ORDERS")
    except NotFoundError:
        await jetstream.add_stream(name="ORDERS", subjects=["orders.>"])
    await jetstream.publish(CANCELLED, json.dumps(event).encode())
    await connection.close()


@pytest.mark.parametrize(("commit", "status"), [(False, "released"), (True, "returned")])
async def test_a_cancelled_order_gives_its_stock_back(system: System, commit: bool, status: str) -> None:
    before = await system.books("COMPASS-POCKET")
    order_id = str(uuid4())
    reservation_id = (await system.reserve(("COMPASS-POCKET", 2), order_id=order_id)).body["reservation_id"]
    if commit:
        await system.call("POST", f"/reservations/{reservation_id}/commit")
    await cancel(system, order_id)

    async def ended() -> bool:
        shown = await system.call("GET", f"/reservations/{reservation_id}", caller="operator")
        return bool(shown.body["status"] == status)

    await wait_until(ended, what=status)
    assert (await system.books("COMPASS-POCKET"))["available"] == before["available"]


async def test_cancelling_an_order_without_a_reservation_is_nothing(system: System) -> None:
    order_id = str(uuid4())
    await cancel(system, order_id)
    await wait_until(lambda: system.rows("SELECT 1 FROM inbox WHERE consumer = $1", CANCELLED))
    assert await system.rows("SELECT 1 FROM dead_letter") == []
