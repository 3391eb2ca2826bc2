"""From event to e-mail."""

import asyncio
from uuid import uuid4

from conftest import TRACE_ID, System
from testkit.waiting import wait_until


async def test_a_confirmed_order_is_told_to_its_customer_and_kept(system: System) -> None:
    customer, order = system.customer(email="ada@example.org"), str(uuid4())
    event = await system.confirm(order, customer)
    kept = await system.noted(event)
    (mail,) = system.mail.of_order(order)
    assert (mail["To"], mail["Subject"]) == ("ada@example.org", f"Your order {order} is confirmed")
    assert mail["Message-ID"] == f"<{event}@notifications.pharos.example>" == kept["message_id"]
    assert mail["X-Correlation-ID"] == f"c-{event}" == kept["correlation_id"]
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Total: 25.00 EUR" in text.get_content()
    assert (kept["recipient"], kept["subject"]) == (mail["To"], mail["Subject"])
    assert "Total: 25.00 EUR" in kept["body_text"]
    assert kept["sent_at"]


async def test_accounts_is_asked_in_the_trace_of_the_event(system: System) -> None:
    event = await system.confirm(str(uuid4()), system.customer())
    await system.noted(event)
    asked = system.accounts.headers[-1]
    assert asked["traceparent"].split("-")[1] == TRACE_ID
    assert asked["X-Correlation-ID"] == f"c-{event}"
    assert asked["X-Service-Token"]


async def test_every_kind_of_event_leads_to_its_message(system: System) -> None:
    customer, order = system.customer(), str(uuid4())
    events = [
        await system.tell("accounts.customer.registered.v1", customer, {"customer_id": customer}),
        await system.cancel(order, customer),
        await system.refund(order),
    ]
    kinds = [(await system.noted(event))["kind"] for event in events]
    assert kinds == ["customer-registered", "order-cancelled", "payment-refunded"]


async def test_a_refund_waits_until_its_order_is_known(system: System) -> None:
    customer, order = system.customer(), str(uuid4())
    refund = await system.refund(order)

    async def tried() -> bool:
        items = (await system.read("/notifications", order_id=order))[1]["items"]
        return bool(items) and items[0]["attempts"] > 0

    await wait_until(tried)
    await system.cancel(order, customer)
    assert (await system.noted(refund))["recipient"] == system.accounts.customers[customer]["email"]


async def test_an_event_that_comes_twice_is_told_once(system: System) -> None:
    customer, order = system.customer(), str(uuid4())
    event = await system.confirm(order, customer)
    data = {"order_id": order, "customer_id": customer, "lines": [], "total": {"amount_minor": 1, "currency": "EUR"}}
    await system.tell("orders.order.confirmed.v1", order, data, event_id=event)
    later = await system.cancel(order, customer)
    await system.noted(later)
    items = (await system.read("/notifications", order_id=order))[1]["items"]
    assert [item["event_id"] for item in items] == [event, later]
    assert len([mail for mail in system.mail.of_order(order) if "confirmed" in mail["Subject"]]) == 1


async def test_a_mail_server_that_asks_to_come_back_is_asked_again(system: System) -> None:
    system.mail.replies[:] = ["451 later", "421 later"]
    event = await system.confirm(str(uuid4()), system.customer())
    assert (await system.noted(event))["attempts"] >= 3


async def test_a_message_refused_for_good_is_given_up(system: System) -> None:
    system.mail.replies[:] = ["554 never"]
    event = await system.confirm(str(uuid4()), system.customer())
    assert "554" in (await system.noted(event, "undeliverable"))["last_error"]


async def test_an_accounts_outage_delays_the_message(system: System) -> None:
    system.accounts.failures[:] = [503] * 6
    event = await system.confirm(str(uuid4()), system.customer())
    await system.noted(event)


async def test_an_unknown_customer_and_a_broken_address_are_undeliverable(system: System) -> None:
    unknown = await system.confirm(str(uuid4()), str(uuid4()))
    broken = await system.confirm(str(uuid4()), system.customer(email="ada@example.org\r\nBcc: eve@example.org"))
    assert "no such customer" in (await system.noted(unknown, "undeliverable"))["last_error"]
    assert "address" in (await system.noted(broken, "undeliverable"))["last_error"]


async def test_a_name_with_line_breaks_makes_no_header(system: System) -> None:
    order = str(uuid4())
    event = await system.confirm(order, system.customer(name="Eve\r\nBcc: all@example.org"))
    await system.noted(event)
    (mail,) = system.mail.of_order(order)
    assert mail["Bcc"] is None


async def test_a_killed_process_sends_what_it_had_not(system: System) -> None:
    system.mail.replies[:] = ["451 later"] * 50
    order = str(uuid4())
    event = await system.confirm(order, system.customer())
    await wait_until(lambda: len(system.mail.replies) < 50)
    system.server.kill()
    system.mail.replies.clear()
    await asyncio.to_thread(system.server.start)
    await system.noted(event)
    assert {mail["Message-ID"] for mail in system.mail.of_order(order)} == {f"<{event}@notifications.pharos.example>"}


async def test_no_address_and_no_body_is_logged(system: System) -> None:
    system.mail.replies[:] = ["451 later", "554 never"]
    event = await system.confirm(str(uuid4()), system.customer(email="canary-address@example.org", name="Canaria"))
    await system.noted(event, "undeliverable")
    written = system.server.log.read_text()
    assert "canary-address" not in written
    assert "Canaria" not in written
