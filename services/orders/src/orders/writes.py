"""Writes: a placed order, and each move of its saga, in one statement each.

A move counts only while the saga is as its driver knows it: under the driver's lease, and at the version it read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.persistence import Prepared
from orders.events import OrderedLine
from orders.sagas import Held, Lease, columns

_PARAMETER = re.compile(r"(?<!:):(\w+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a saga's history: what was asked, and how it went."""

    action: str
    outcome: str
    detail: str
    started_at: datetime


class _Named:
    """A prepared statement whose parameters have names."""

    def __init__(self, text: str) -> None:
        self._names = list(dict.fromkeys(_PARAMETER.findall(text)))
        self._prepared = Prepared(_PARAMETER.sub(lambda found: f"${self._names.index(found[1]) + 1}", text))

    async def __call__(self, values: Mapping[str, Any]) -> list[Any]:
        return await self._prepared(*[values[name] for name in self._names])


_PLACE = _Named("""
    WITH placed AS (
        INSERT INTO customer_order (order_id, customer_id, status, correlation_id, created_at, updated_at)
        VALUES (:order_id, :customer_id, :status, :correlation_id, :now, :now)
    ), lined AS (
        INSERT INTO order_line (order_id, sku, quantity)
        SELECT :order_id, sku, quantity
        FROM unnest(:skus::text[], :quantities::int[]) WITH ORDINALITY AS line (sku, quantity, position)
        ORDER BY position
    )
    INSERT INTO saga (order_id, stock, payment, card_token, started_at, deadline, next_attempt_at, version,
        lease_token, lease_instance, lease_expires_at, traceparent, correlation_id)
    VALUES (:order_id, :stock, :payment, :card_token, :now, :deadline, :now, :version,
        :lease_token, :lease_instance, :lease_expires_at, :traceparent, :correlation_id)
""")
_MOVE = """
    UPDATE saga SET open = :open, backward = :backward, customer_verified = :customer_verified, stock = :stock,
        payment = :payment, reservation_id = :reservation_id, payment_id = :payment_id, card_token = :card_token,
        cancel_requested = :cancel_requested, reason = :reason, attempts = :attempts, deadline = :deadline,
        finished_at = :finished_at, lease_token = :lease_token, lease_expires_at = :lease_expires_at,
        version = :version + 1
    WHERE order_id = :order_id AND lease_token = :held_under AND version = :version RETURNING order_id
"""
_PRICE_LINES = """
    UPDATE order_line SET unit_price_minor = price
    FROM moved, unnest(:skus::text[], :prices::bigint[]) AS priced (priced_sku, price)
    WHERE order_line.order_id = moved.order_id AND sku = priced_sku
"""
_SHOW = """
    UPDATE customer_order SET status = :status, reason = :order_reason, total_minor = :total_minor,
        currency = :currency, updated_at = :updated_at
    FROM moved WHERE customer_order.order_id = moved.order_id RETURNING moved.order_id
"""
_NOTE = """
    INSERT INTO saga_step (order_id, action, backward, outcome, detail, attempt, instance, started_at, finished_at)
    SELECT order_id, :action, :step_backward, :outcome, :detail, :attempt, :instance, :step_started_at, :now FROM moved
    RETURNING order_id
"""
_MOVED = f"WITH moved AS ({_MOVE})"
_SHOWN = f"{_MOVED}, lines AS ({_PRICE_LINES})"
_MOVES = {
    (False, False): _Named(_MOVE),
    (False, True): _Named(f"{_MOVED} {_NOTE}"),
    (True, False): _Named(f"{_SHOWN} {_SHOW}"),
    (True, True): _Named(f"{_SHOWN}, shown AS ({_SHOW}) {_NOTE}"),
}


async def place(held: Held, lease: Lease) -> None:
    """Write a new order with its saga, held under this lease."""
    values = {
        "order_id": held.order_id,
        "customer_id": held.customer_id,
        "status": held.saga.status.value,
        "skus": [line.sku for line in held.lines],
        "quantities": [line.quantity for line in held.lines],
        "now": held.started_at,
        "traceparent": held.traceparent,
        "correlation_id": held.correlation_id,
    }
    await _PLACE(values | _saga(held, lease, held.started_at))


async def move(before: Held, after: Held, lease: Lease, now: datetime, entry: Entry | None) -> bool:
    """Write how far the saga is, what of it its customer sees, and a line of its history.

    Returns False when the saga is not as `before` any more: nothing was written.
    """
    shown = after.total != before.total or not after.saga.open
    values = _saga(after, lease, now) | {"held_under": before.lease_token, "version": before.version}
    if shown:
        values |= _order(before, after)
    if entry is not None:
        values |= _history(before, entry, lease, now)
    return bool(await _MOVES[shown, entry is not None](values))


def _saga(held: Held, lease: Lease, now: datetime) -> dict[str, Any]:
    driven = held.saga.open
    return columns(held.saga) | {
        "order_id": held.order_id,
        "version": held.version,
        "card_token": held.card_token,
        "finished_at": None if driven else now,
        "lease_token": held.lease_token if driven else None,
        "lease_instance": lease.instance,
        "lease_expires_at": now + lease.length if driven else None,
    }


def _order(before: Held, after: Held) -> dict[str, Any]:
    newly_priced = [line for line in after.lines if line.unit_price is not None] if before.total is None else []
    return {
        "status": after.saga.status.value,
        "order_reason": after.reason,
        "total_minor": after.total and after.total.amount_minor,
        "currency": after.total and after.total.currency,
        "updated_at": after.updated_at,
        "skus": [line.sku for line in newly_priced],
        "prices": [_minor(line) for line in newly_priced],
    }


def _history(before: Held, entry: Entry, lease: Lease, now: datetime) -> dict[str, Any]:
    return {
        "action": entry.action,
        "step_backward": before.saga.backward,
        "outcome": entry.outcome,
        "detail": entry.detail,
        "attempt": before.saga.attempts + 1,
        "instance": lease.instance,
        "step_started_at": entry.started_at,
        "now": now,
    }


def _minor(line: OrderedLine) -> int | None:
    return None if line.unit_price is None else line.unit_price.amount_minor
