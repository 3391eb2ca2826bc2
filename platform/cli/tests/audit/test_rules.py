"""Each invariant names what breaks it, and nothing else; what may be under way is excused."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from shop import BEHIND, BUSY, MUTE, NOW, agreeing, found, outcome, payment, reservation, with_letter

from pharos.audit.books import Journal, Ledger, Saga, Snapshot, Totals

STATUSES = st.lists(
    st.tuples(st.sampled_from(["confirmed", "cancelled", "pending"]), st.integers(1, 9)), min_size=1, max_size=8
)
MONEY = "captured - refunded = confirmed orders"


@given(STATUSES)
def test_books_that_agree_have_no_finding(statuses: list[tuple[str, int]]) -> None:
    assert found(agreeing(statuses)) == []


@given(STATUSES, st.data())
def test_a_payment_that_is_lost_or_doubled_is_named_with_the_difference(
    statuses: list[tuple[str, int]], data: st.DataObject
) -> None:
    now = agreeing([*statuses, ("confirmed", 3)])
    confirmed = [one for one in now.orders if one.status == "confirmed"]
    victim = data.draw(st.sampled_from(confirmed))
    due = victim.total.amount_minor if victim.total else 0
    lost = replace(now, payments=tuple(one for one in now.payments if one.order_id != victim.order_id))
    assert _named(lost) == [(MONEY, f"order {victim.order_id}", str(-due))]
    twice = replace(now, payments=(*now.payments, replace(payment(victim, "captured"), payment_id="again")))
    assert _named(twice) == [(MONEY, f"order {victim.order_id}", str(due))]


def _named(now: Snapshot) -> list[tuple[str, str, str]]:
    return [(name, finding.subject, finding.difference) for name, finding in found(now) if not finding.excuse]


def _spoiled() -> dict[str, tuple[Snapshot, str, str]]:
    return _spoiled_money() | _spoiled_goods() | _spoiled_messages()


def _spoiled_money() -> dict[str, tuple[Snapshot, str, str]]:
    now = agreeing([("confirmed", 2), ("cancelled", 1)])
    _, cancelled = now.orders
    fault = Journal(journal_id="j", payment_id="p", entries=2, sum_minor=3)
    return {
        "journal": (
            replace(now, ledger=Ledger(accounts=(), journals=1, faults=(fault,))),
            "ledger entries sum to zero",
            "journal j of payment p",
        ),
        "ledger": (
            replace(now, payments=(replace(now.payments[0], taken_minor=1), now.payments[1])),
            "payments agree with the ledger",
            "payment p-o0 of order o0",
        ),
        "held": (
            replace(now, payments=(now.payments[0], payment(cancelled, "authorised"))),
            "nothing stays held for ended orders",
            "order o1",
        ),
        "unknown order": (replace(now, orders=(cancelled,)), MONEY, "order o0"),
    }


def _spoiled_goods() -> dict[str, tuple[Snapshot, str, str]]:
    now = agreeing([("confirmed", 2), ("cancelled", 1)])
    confirmed, cancelled = now.orders
    [stock] = now.stock
    return {
        "stock": (
            replace(now, stock=(replace(stock, available=stock.available - 1),)),
            "stock + reserved + sold - returned = received",
            "SKU MUG",
        ),
        "books": (
            replace(now, stock=(replace(stock, sold_by_reservations=1),)),
            "stock agrees with reservations",
            "SKU MUG",
        ),
        "sold to nobody": (
            replace(now, reservations=(now.reservations[0], reservation(cancelled, "sold"))),
            "reservations sold = confirmed orders",
            "order o1",
        ),
        "not sold": (
            replace(now, reservations=(reservation(confirmed, "expired"), now.reservations[1])),
            "reservations sold = confirmed orders",
            "order o0",
        ),
    }


def _spoiled_messages() -> dict[str, tuple[Snapshot, str, str]]:
    now = agreeing([("confirmed", 2), ("cancelled", 1)])
    late = Saga(order_id="o9", deadline=NOW - timedelta(minutes=2))
    return {
        "notification": (
            replace(now, notifications=now.notifications[1:]),
            "one notification for each event",
            "event e-o0",
        ),
        "mail": (replace(now, mails=("m", "m")), "no e-mail kept twice", "mail m"),
        "saga": (replace(now, sagas=(late,)), "no saga open beyond its bound", "order o9"),
        "letter": (with_letter(now), "no dead letters", "dead letter 7 of payments"),
    }


@pytest.mark.parametrize("which", list(_spoiled()))
def test_each_invariant_names_the_row_that_breaks_it(which: str) -> None:
    now, name, subject = _spoiled()[which]
    [finding] = outcome(now, name).findings
    assert finding.subject == subject
    assert finding.excuse == ""
    assert finding.left != finding.right
    assert finding.next


def _unheard(service: str) -> tuple[Snapshot, str]:
    """Books in which this service was never told of an order's end, and the invariant that is broken."""
    now = agreeing([("cancelled", 1)])
    match service:
        case "payments":
            return replace(now, payments=(payment(now.orders[0], "captured"),)), MONEY
        case "inventory":
            return replace(
                now, reservations=(reservation(now.orders[0], "held"),)
            ), "reservations sold = confirmed orders"
        case _:
            return replace(now, notifications=()), "one notification for each event"


TOLD = ("payments", "inventory", "notifications")


@pytest.mark.parametrize("service", TOLD)
@pytest.mark.parametrize("totals", [BEHIND, MUTE])
def test_what_an_event_brings_about_is_excused_while_it_may_be_on_its_way(service: str, totals: Totals) -> None:
    now, name = _unheard(service)
    [finding] = outcome(replace(now, messages={**now.messages, service: totals}), name).findings
    assert finding.excuse


@pytest.mark.parametrize("service", TOLD)
def test_an_event_that_the_broker_has_not_stored_yet_is_an_excuse(service: str) -> None:
    now, name = _unheard(service)
    unsent = tuple(replace(event, published_at=None) for event in now.events)
    [finding] = outcome(replace(now, events=unsent), name).findings
    assert finding.excuse


@pytest.mark.parametrize("service", TOLD)
def test_a_lost_event_is_no_excuse_however_busy_its_receiver_and_its_sender_are(service: str) -> None:
    now, name = _unheard(service)
    [finding] = outcome(replace(now, messages=dict.fromkeys(now.messages, BUSY)), name).findings
    assert finding.excuse == ""


def test_what_the_provider_has_not_answered_is_excused() -> None:
    now = agreeing([("cancelled", 1)])
    asked = replace(payment(now.orders[0], "captured"), under_way=True)
    assert all(finding.excuse for finding in outcome(replace(now, payments=(asked,)), MONEY).findings)


def test_an_order_whose_saga_is_open_is_not_judged() -> None:
    now = agreeing([("confirmed", 1)])
    values: dict[str, Any] = {"payments": (), "reservations": (), "sagas": (Saga(order_id="o0", deadline=NOW),)}
    going_back = replace(now, **values)
    assert outcome(going_back, MONEY).findings == ()
    assert outcome(going_back, MONEY).under_way == 1
