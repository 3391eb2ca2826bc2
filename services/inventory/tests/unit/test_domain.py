"""The books of a SKU always add up, and a reservation ends once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain import (
    QUANTITY_LIMIT,
    Balance,
    MixedCurrenciesError,
    Money,
    Movement,
    PricedLine,
    QuantityTooLargeError,
    RefusedTransitionError,
    Status,
    change,
    commit,
    expire,
    merge_lines,
    release,
    replay,
    total,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)

skus = st.sampled_from(["cup", "mug", "pot", "tray"])
quantities = st.integers(min_value=1, max_value=500)


@given(st.sampled_from(Movement), st.integers(min_value=1))
def test_no_movement_unbalances_the_books(movement: Movement, quantity: int) -> None:
    delta = change(movement, quantity)
    assert delta.available + delta.reserved + delta.sold - delta.returned == delta.received


@given(st.lists(st.sampled_from(["restock", "hold", "commit", "release", "expire"]), max_size=60), st.data())
def test_any_history_of_reservations_keeps_the_books(actions: list[str], data: st.DataObject) -> None:
    """Whatever happens to whatever reservation in whatever order: nothing below zero, nothing lost, nothing made."""
    balance = Balance()
    reservations: list[tuple[int, Status]] = []
    for action in actions:
        quantity = data.draw(quantities)
        if action == "restock":
            balance += change(Movement.RECEIVED, quantity)
        elif action == "hold":
            if balance.available >= quantity:
                balance += change(Movement.HELD, quantity)
                reservations.append((quantity, Status.HELD))
        elif reservations:
            index = data.draw(st.integers(min_value=0, max_value=len(reservations) - 1))
            held, status = reservations[index]
            try:
                step = {
                    "commit": lambda status=status: commit(status, expires_at=LATER, now=NOW),
                    "release": lambda status=status: release(status),
                    "expire": lambda status=status: expire(status, expires_at=NOW, now=NOW),
                }[action]()
            except RefusedTransitionError:
                continue
            if step.movement:
                balance += change(step.movement, held)
            reservations[index] = (held, step.status)
        assert balance.holds
    assert balance.reserved == sum(quantity for quantity, status in reservations if status is Status.HELD)
    assert balance.sold - balance.returned == sum(
        quantity for quantity, status in reservations if status is Status.SOLD
    )


@given(st.sampled_from(Status))
def test_every_step_repeated_changes_nothing_more(status: Status) -> None:
    after = release(status)
    assert release(after.status).movement is None
    gone = expire(status, expires_at=NOW, now=NOW)
    assert expire(gone.status, expires_at=NOW, now=NOW).movement is None
    if status in {Status.HELD, Status.SOLD}:
        sold = commit(status, expires_at=LATER, now=NOW)
        assert commit(sold.status, expires_at=LATER, now=LATER) == sold.__class__(Status.SOLD, None)


@pytest.mark.parametrize("status", [Status.RELEASED, Status.EXPIRED, Status.RETURNED])
def test_what_was_given_back_cannot_be_sold(status: Status) -> None:
    with pytest.raises(RefusedTransitionError) as caught:
        commit(status, expires_at=LATER, now=NOW)
    assert caught.value.status is status


def test_a_hold_whose_time_has_run_out_cannot_be_sold() -> None:
    with pytest.raises(RefusedTransitionError) as caught:
        commit(Status.HELD, expires_at=NOW, now=NOW)
    assert caught.value.status is Status.EXPIRED


def test_a_hold_does_not_expire_early() -> None:
    assert expire(Status.HELD, expires_at=LATER, now=NOW).movement is None


@given(st.lists(st.tuples(skus, quantities), max_size=20))
def test_merged_lines_are_sorted_unique_and_lose_nothing(lines: list[tuple[str, int]]) -> None:
    merged = merge_lines(lines)
    assert [sku for sku, _ in merged] == sorted({sku for sku, _ in lines})
    assert sum(quantity for _, quantity in merged) == sum(quantity for _, quantity in lines)


def test_lines_cannot_exceed_the_limit_by_being_split() -> None:
    with pytest.raises(QuantityTooLargeError) as caught:
        merge_lines([("cup", QUANTITY_LIMIT), ("mug", 1), ("cup", 1)])
    assert caught.value.sku == "cup"


def test_the_total_is_the_sum_of_the_lines() -> None:
    lines = [PricedLine("cup", 2, Money(1250, "EUR")), PricedLine("mug", 1, Money(999, "EUR"))]
    assert total(lines) == Money(3499, "EUR")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(MixedCurrenciesError):
        total([PricedLine("cup", 1, Money(1, "EUR")), PricedLine("mug", 1, Money(1, "USD"))])


@given(st.lists(st.tuples(st.sampled_from(Movement), quantities), max_size=30))
def test_replaying_movements_gives_the_sum_of_their_changes(movements: list[tuple[Movement, int]]) -> None:
    balance = Balance()
    for movement, quantity in movements:
        balance += change(movement, quantity)
    assert replay(movements) == balance
