"""The audit of a running system: silent while it works, and naming whatever was planted in its databases."""

import asyncio
import json
import shutil
import threading
from pathlib import Path
from typing import Any

import asyncpg

from support.system import System
from testkit import wait_until
from warden.layout import Ports

UNCHECKED = "SET session_replication_role = replica"
"""Without triggers: the databases themselves refuse most of what is planted here."""
_LEDGER = """
    UPDATE ledger_entry SET amount_minor = amount_minor + 1
    WHERE entry_id = (SELECT min(entry_id) FROM ledger_entry)
"""
_REFUND = """
    UPDATE payment SET refunded_minor = 7
    WHERE payment_id = (SELECT payment_id FROM payment WHERE status = 'captured' ORDER BY payment_id LIMIT 1)
"""
_LETTER = """
    INSERT INTO dead_letter (consumer, event_id, stream, stream_sequence, payload, reason, detail, attempts,
                             correlation_id, traceparent, dead_at)
    VALUES ('orders.order.cancelled.v1', 'planted', 'ORDERS', 1, '{"card_token": "tok_approve"}', 'handler-failed',
            'planted', 8, 'c-1', '', now())
"""
_SOUND_ID = "0199c2a0-0000-7000-8000-0000000000aa"
_SOUND_EVENT = {
    "id": _SOUND_ID,
    "source": "urn:pharos:orders",
    "type": "orders.order.cancelled.v1",
    "subject": _SOUND_ID,
    "time": "2026-01-01T00:00:00Z",
    "correlationid": "planted-letter",
    "data": {"order_id": _SOUND_ID},
}
_SOUND = f"""
    INSERT INTO dead_letter (consumer, event_id, stream, stream_sequence, payload, reason, detail, attempts,
                             correlation_id, traceparent, dead_at)
    VALUES ('orders.order.cancelled.v1', '{_SOUND_ID}', 'ORDERS', 2, '{json.dumps(_SOUND_EVENT)}', 'handler-failed',
            'planted', 8, 'planted-letter', '', now())
"""
_STOCK = "UPDATE stock SET available = available + 3 WHERE sku = 'MUG-BLUE'"
_RESERVATION = """
    UPDATE reservation SET status = 'expired'
    WHERE reservation_id = (
        SELECT reservation_id FROM reservation WHERE status = 'sold' ORDER BY reservation_id LIMIT 1
    )
"""
_SAGA = """
    UPDATE saga SET open = true, deadline = now() - interval '5 minutes',
                    lease_expires_at = now() + interval '1 hour', next_attempt_at = now() + interval '1 hour'
    WHERE order_id = (SELECT max(order_id::text)::uuid FROM saga)
"""
PLANTED = {
    "payments": (_LEDGER, _REFUND, _LETTER),
    "inventory": ("ALTER TABLE stock DROP CONSTRAINT books_balance", _STOCK, _RESERVATION),
    "notifications": ("DELETE FROM notification WHERE event_id = (SELECT min(event_id) FROM notification)",),
    "orders": (_SAGA,),
}
NAMED = {
    "ledger entries sum to zero",
    "payments agree with the ledger",
    "captured - refunded = confirmed orders",
    "stock + reserved + sold - returned = received",
    "stock agrees with reservations",
    "reservations sold = confirmed orders",
    "one notification for each event",
    "no e-mail kept twice",
    "no saga open beyond its bound",
    "no dead letters",
}


def test_an_audit_while_orders_are_placed_finds_nothing_and_names_what_was_planted(own_system: System) -> None:
    own_system.start()
    _audit_under_load(own_system)
    asyncio.run(_settled(own_system))
    for service, statements in PLANTED.items():
        asyncio.run(_plant(own_system, service, statements))
    _copy_a_mail(own_system.state)

    done = own_system.pharos("audit", "--json", check=False)

    assert done.returncode == 1
    invariants = _invariants(done.stdout)
    violated = {name for name, found in invariants.items() if found["status"] == "VIOLATED"}
    assert violated == NAMED
    for name in NAMED:
        for violation in invariants[name]["violations"]:
            assert violation["subject"]
            assert violation["difference"]
            assert violation["next"]
    _dead_letters(own_system)
    asyncio.run(_replays(own_system))


def _audit_under_load(system: System) -> None:
    load = threading.Thread(
        target=system.pharos, args=("load", "--rate", "8", "--count", "60"), kwargs={"check": False}
    )
    load.start()
    try:
        while load.is_alive():
            assert system.json("audit")["ok"] is True
    finally:
        load.join()
    assert len(system.json("audit")["invariants"]) > len(NAMED)


async def _settled(system: System) -> None:
    def settled() -> bool:
        document: dict[str, Any] = system.json("audit")
        assert document["ok"]
        return bool(document["settled"])

    await wait_until(settled, timeout=60)


async def _plant(system: System, service: str, statements: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=Ports(system.port_base).of("postgres"),
        user="postgres",
        password=(system.state / "secrets" / "postgres-superuser").read_text().strip(),
        database=service,
    )
    try:
        await connection.execute(UNCHECKED)
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _copy_a_mail(state: Path) -> None:
    mail = next(file for file in state.rglob("new/*") if file.is_file())
    shutil.copy(mail, mail.with_name("0" * 32 + mail.suffix))


def _invariants(document: str) -> dict[str, Any]:
    return {one["name"]: one for one in json.loads(document)["invariants"]}


def _dead_letters(system: System) -> None:
    [letter] = system.json("dlq", "list")["dead_letters"]
    assert (letter["service"], letter["event_id"], letter["reason"]) == ("payments", "planted", "handler-failed")
    number = str(letter["id"])
    shown = system.json("dlq", "show", "payments", number)
    assert "tok_approve" not in str(shown["payload"])
    replayed = system.pharos("dlq", "replay", "payments", number, check=False)
    assert replayed.returncode == 1
    assert "failed again" in replayed.stderr
    unknown = system.pharos("dlq", "show", "payments", "999999", check=False)
    assert unknown.returncode == 1
    assert "dead-letter-unknown" in unknown.stderr


async def _replays(system: System) -> None:
    """What can be handled is, once; who had it tried again stands in the service's own database."""
    await _plant(system, "payments", (_SOUND,))
    everything = system.pharos("dlq", "replay", "payments", "--all", "--json", check=False)
    assert everything.returncode == 1
    assert sorted(each["outcome"] for each in json.loads(everything.stdout)["replayed"]) == ["dead", "done"]
    [left] = system.json("dlq", "list", "payments")["dead_letters"]
    assert left["event_id"] == "planted"

    await _plant(system, "payments", (_SOUND,))
    again = next(one for one in system.json("dlq", "list")["dead_letters"] if one["event_id"] == _SOUND_ID)
    [replayed] = system.json("dlq", "replay", "payments", str(again["id"]))["replayed"]
    assert replayed["outcome"] == "duplicate"

    replays = system.json("dlq", "replays", "payments")["replays"]
    assert [(one["event_id"], one["outcome"]) for one in replays if one["event_id"] == _SOUND_ID] == [
        (_SOUND_ID, "done"),
        (_SOUND_ID, "duplicate"),
    ]
    assert {one["replayed_by"] for one in replays} == {"operator"}
    assert all(one["replayed_at"] and one["correlation_id"] for one in replays)
