"""The invariants as pure functions of a snapshot."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Final

from pharos.audit.books import Payment, Snapshot
from pharos.audit.finding import Checked, Finding, checked
from pharos.audit.sides import (
    CANCELLED,
    MESSAGES,
    by_order,
    differs,
    ended,
    in_words,
    of_payments,
    of_reservations,
    of_stock,
    payment_excuse,
    pieces,
    untold,
    without_order,
)

STUCK_AFTER: Final = timedelta(minutes=1)
"""An open saga is beyond its bound this long after its deadline: the last step has had its tries by then."""
TOLD: Final = frozenset(
    {
        "accounts.customer.registered.v1",
        "orders.order.confirmed.v1",
        CANCELLED,
        "payments.payment.refunded.v1",
    }
)
"""The events that customers are told of."""


def journals_balance(now: Snapshot) -> Checked:
    """Every journal's entries, and the whole ledger's in each currency, sum to zero."""
    ledger = now.ledger
    findings = [
        Finding(
            subject=f"journal {each.journal_id} of payment {each.payment_id}",
            left=f"{each.entries} entries that sum to {each.sum_minor}",
            right="at least two entries that sum to 0",
            difference=str(each.sum_minor),
            next="entries are never changed: find who wrote to payments' database, and post a correcting journal",
        )
        for each in ledger.faults
    ]
    sums: Counter[str] = Counter()
    for account in ledger.accounts:
        sums[account.balance.currency] += account.balance.amount_minor
    findings += [
        Finding(
            subject=f"ledger in {currency}",
            left=f"all accounts sum to {total}",
            right="0",
            difference=str(total),
            next="see the journals that this audit names",
        )
        for currency, total in sorted(sums.items())
        if total
    ]
    return checked("ledger entries sum to zero", ledger.journals, findings)


def ledger_agrees(now: Snapshot) -> Checked:
    """What the ledger says of each payment is what the payment says."""
    return checked(
        "payments agree with the ledger",
        len(now.payments),
        [finding for payment in now.payments for finding in _against_ledger(payment)],
    )


def _against_ledger(payment: Payment) -> Iterator[Finding]:
    amount, captured = payment.amount.amount_minor, payment.status in {"captured", "refunded"}
    sides = (
        ("held", amount if payment.status == "authorised" else 0, payment.held_minor),
        ("captured", amount if captured else 0, payment.taken_minor),
        ("refunded", payment.refunded.amount_minor, payment.given_back_minor),
    )
    for what, row, ledger in sides:
        if row != ledger:
            yield Finding(
                subject=f"payment {payment.payment_id} of order {payment.order_id}",
                left=f"payment ({payment.status}): {what} {row}",
                right=f"ledger: {what} {ledger}",
                difference=str(row - ledger),
                next=f"see its operations: ./just trace {payment.order_id}",
            )


def money_follows_orders(now: Snapshot) -> Checked:
    """Captured less refunded is the total of each confirmed order, and nothing for any other."""
    settled, payments, unheard = ended(now), by_order(now.payments), untold(now, "payments")
    findings = []
    for order in settled.values():
        own = payments.get(order.order_id, [])
        due = order.total.amount_minor if order.status == "confirmed" and order.total else 0
        kept = [payment for payment in own if payment.kept_minor]
        total = sum(payment.kept_minor for payment in kept)
        foreign = [one for one in kept if order.total and one.amount.currency != order.total.currency]
        if total != due or len(kept) > 1 or foreign:
            right = f"payments: {of_payments(own)}, kept {total}"
            findings.append(differs(order, f"due {due}", right, total - due, payment_excuse(order, own, unheard)))
    known = {order.order_id for order in now.orders}
    strangers = {order_id: own for order_id, own in payments.items() if order_id not in known}
    findings += [
        without_order(order_id, f"payments: {of_payments(own)}")
        for order_id, own in strangers.items()
        if any(payment.kept_minor for payment in own)
    ]
    return checked("captured - refunded = confirmed orders", len(settled), findings, len(now.orders) - len(settled))


def nothing_stays_held(now: Snapshot) -> Checked:
    """No money stays held on a card for an order that has ended."""
    settled, unheard = ended(now), untold(now, "payments")
    held = [payment for payment in now.payments if payment.status in {"authorised", "pending"}]
    findings = []
    for payment in held:
        order = settled.get(payment.order_id)
        if order is not None:
            right = f"payments: payment {payment.payment_id} is {payment.status}"
            excuse = payment_excuse(order, [payment], unheard)
            findings.append(differs(order, "nothing held", right, payment.amount.amount_minor, excuse))
    return checked("nothing stays held for ended orders", len(settled), findings, len(held) - len(findings))


def stock_balances(now: Snapshot) -> Checked:
    """For each SKU available + reserved + sold - returned = received."""
    findings = []
    for stock in now.stock:
        accounted = stock.available + stock.reserved + stock.sold - stock.returned
        if accounted != stock.received:
            difference = accounted - stock.received
            findings.append(of_stock(stock, f"accounted for {accounted}", f"received {stock.received}", difference))
    return checked("stock + reserved + sold - returned = received", len(now.stock), findings)


def stock_agrees(now: Snapshot) -> Checked:
    """For each SKU its books say what its reservations add up to."""
    findings = []
    for stock in now.stock:
        sides = (
            ("reserved", stock.reserved, stock.held_by_reservations),
            ("sold", stock.sold - stock.returned, stock.sold_by_reservations),
        )
        for what, books, lines in sides:
            if books != lines:
                findings.append(
                    of_stock(stock, f"books: {what} {books}", f"reservations: {what} {lines}", books - lines)
                )
    return checked("stock agrees with reservations", len(now.stock), findings)


def reservations_follow_orders(now: Snapshot) -> Checked:
    """A confirmed order has one reservation, sold, of its very lines; a cancelled one has none held or sold."""
    settled, reservations, unheard = ended(now), by_order(now.reservations), untold(now, "inventory")
    findings = []
    for order in settled.values():
        own = reservations.get(order.order_id, [])
        live = [one for one in own if one.status in {"held", "sold"}]
        wanted, found = pieces([order]) if order.status == "confirmed" else {}, pieces(live)
        if found != wanted or any(one.status != "sold" for one in live):
            excuse = MESSAGES if order.order_id in unheard else ""
            right = f"inventory: {of_reservations(own)}, {in_words(found)}"
            difference = sum(found.values()) - sum(wanted.values())
            findings.append(differs(order, in_words(wanted), right, difference, excuse))
    known = {order.order_id for order in now.orders}
    findings += [
        without_order(order_id, f"inventory: {of_reservations(own)}")
        for order_id, own in reservations.items()
        if order_id not in known and any(one.status == "sold" for one in own)
    ]
    return checked("reservations sold = confirmed orders", len(settled), findings, len(now.orders) - len(settled))


def one_notification_each(now: Snapshot) -> Checked:
    """Every event that customers are told of has one notification."""
    told = [event for event in now.events if event.type in TOLD]
    made = Counter(notification.event_id for notification in now.notifications)
    findings = []
    for event in told:
        count = made[event.event_id]
        if count != 1:
            findings.append(
                Finding(
                    subject=f"event {event.event_id}",
                    left=f"published as {event.type}",
                    right=f"{count} notifications",
                    difference=str(1 - count),
                    next="see whether notifications gave it up: ./just dlq list notifications",
                    excuse=MESSAGES if not count and now.on_its_way(event, "notifications") else "",
                )
            )
    waiting = sum(notification.status == "pending" for notification in now.notifications)
    return checked("one notification for each event", len(told), findings, waiting)


def no_mail_twice(now: Snapshot) -> Checked:
    """No Message-ID is kept twice by the mail sink."""
    kept = Counter(now.mails or ())
    findings = [
        Finding(
            subject=f"mail {message_id}",
            left="one mail",
            right=f"{count} mails",
            difference=str(count - 1),
            next="look at both: the console lists them under /mails",
        )
        for message_id, count in sorted(kept.items())
        if count > 1
    ]
    return checked("no e-mail kept twice", len(kept), findings)


def sagas_end(now: Snapshot) -> Checked:
    """No saga is open a minute beyond its bound."""
    late = [saga for saga in now.sagas if saga.deadline + STUCK_AFTER < now.taken_at]
    findings = [
        Finding(
            subject=f"order {saga.order_id}",
            left=f"saga open (stock {saga.stock}, payment {saga.payment}, {'back' if saga.backward else 'forth'}wards)",
            right=f"ended by {saga.deadline + STUCK_AFTER:%H:%M:%S}",
            difference=f"{(now.taken_at - saga.deadline - STUCK_AFTER).total_seconds():.0f} s",
            next=f"see what its steps wait for: ./just trace {saga.order_id}",
        )
        for saga in late
    ]
    return checked("no saga open beyond its bound", len(now.orders), findings, len(now.sagas) - len(late))


def no_dead_letters(now: Snapshot) -> Checked:
    """No message was given up: its effect is missing until it is replayed."""
    findings = [
        Finding(
            subject=f"dead letter {letter.id} of {service}",
            left=f"event {letter.event_id} ({letter.type})",
            right=f"given up: {letter.reason}",
            difference="1 event without its effect",
            next=f"./just dlq show {service} {letter.id}, then ./just dlq replay {service} {letter.id}",
        )
        for service, letters in sorted(now.letters.items())
        for letter in letters
    ]
    findings += [
        Finding(
            subject=f"outbox of {service}",
            left=f"{totals.refused} events published",
            right="the broker will never take them",
            difference=str(totals.refused),
            next=f"./just logs finds why: 'can never be sent' in the log of {service}",
        )
        for service, totals in sorted(now.messages.items())
        if totals.refused
    ]
    waiting = sum(totals.unsent + totals.failing + (totals.waiting or 0) for totals in now.messages.values())
    return checked("no dead letters", len(now.messages), findings, waiting)


RULES: Final[Sequence[Callable[[Snapshot], Checked]]] = (
    journals_balance,
    ledger_agrees,
    money_follows_orders,
    nothing_stays_held,
    stock_balances,
    stock_agrees,
    reservations_follow_orders,
    one_notification_each,
    no_mail_twice,
    sagas_end,
    no_dead_letters,
)


def check(now: Snapshot) -> list[Checked]:
    """All invariants of one snapshot."""
    return [rule(now) for rule in RULES]
