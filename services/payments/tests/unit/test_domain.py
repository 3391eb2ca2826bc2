"""Money is taken once, given back at most once, and every journal sums to zero."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from payments.domain import (
    Account,
    CancelledError,
    Kind,
    Operation,
    Payment,
    RefundTooLargeError,
    RefusedOperationError,
    Status,
    capture,
    give_back,
    journal,
    refund,
    settle,
    void,
)

amounts = st.integers(min_value=1, max_value=10_000_000)


@given(st.sampled_from(Kind), amounts)
def test_every_journal_sums_to_zero(kind: Kind, amount: int) -> None:
    entries = journal(Operation(kind, amount))
    assert sum(minor for _, minor in entries) == 0
    assert len({account for account, _ in entries}) == 2


class PaymentLife(RuleBasedStateMachine):
    """Any sequence of requests, each answered by the provider with yes or no."""

    @initialize(amount=amounts)
    def begin(self, amount: int) -> None:
        self.payment = Payment(Status.PENDING, amount)
        self.ledger: Counter[Account] = Counter()
        self.taken = 0

    def perform(self, operation: Operation | None, *, approved: bool) -> None:
        if operation is None:
            return
        self.payment = settle(self.payment, operation, approved=approved)
        if approved:
            for account, minor in journal(operation):
                self.ledger[account] += minor
            self.taken += operation.kind is Kind.CAPTURE

    @rule(approved=st.booleans())
    def answer(self, approved: bool) -> None:
        if self.payment.status is Status.PENDING:
            self.perform(Operation(Kind.AUTHORISE, self.payment.amount_minor), approved=approved)

    @rule(approved=st.booleans())
    def capture(self, approved: bool) -> None:
        try:
            self.perform(capture(self.payment), approved=approved)
        except (RefusedOperationError, CancelledError):
            assert self.payment.cancelled or self.payment.status is not Status.AUTHORISED

    @rule(approved=st.booleans())
    def void(self, approved: bool) -> None:
        try:
            self.perform(void(self.payment), approved=approved)
        except RefusedOperationError:
            assert self.payment.status not in {Status.AUTHORISED, Status.VOIDED, Status.DECLINED}

    @rule(approved=st.booleans(), amount=st.none() | amounts)
    def refund(self, approved: bool, amount: int | None) -> None:
        try:
            self.perform(refund(self.payment, amount), approved=approved)
        except RefundTooLargeError:
            assert amount is None or amount > self.payment.refundable_minor
        except RefusedOperationError:
            assert self.payment.status not in {Status.CAPTURED, Status.REFUNDED}

    @rule(approved=st.booleans())
    def cancel_the_order(self, approved: bool) -> None:
        self.payment = Payment(
            self.payment.status, self.payment.amount_minor, self.payment.refunded_minor, cancelled=True
        )
        self.perform(give_back(self.payment), approved=approved)
        if approved and self.payment.status is not Status.PENDING:
            assert give_back(self.payment) is None

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        if not hasattr(self, "payment"):
            return
        payment, ledger = self.payment, self.ledger
        assert sum(ledger.values()) == 0
        assert self.taken <= 1
        assert 0 <= payment.refunded_minor <= payment.captured_minor <= payment.amount_minor
        assert -(ledger[Account.MERCHANT_SETTLEMENT] + ledger[Account.REFUNDS]) == payment.refundable_minor
        held = payment.amount_minor if payment.status is Status.AUTHORISED else 0
        assert -ledger[Account.AUTHORISED_HOLDS] == held
        assert ledger[Account.CUSTOMER_RECEIVABLE] == held + payment.refundable_minor
        assert (payment.status is Status.REFUNDED) == (0 < payment.captured_minor == payment.refunded_minor)


TestPaymentLife = PaymentLife.TestCase


@pytest.mark.parametrize("status", [Status.CAPTURED, Status.REFUNDED])
def test_capturing_twice_takes_once(status: Status) -> None:
    assert capture(Payment(status, 100)) is None


@pytest.mark.parametrize("status", [Status.VOIDED, Status.DECLINED])
def test_voiding_what_holds_nothing_does_nothing(status: Status) -> None:
    assert void(Payment(status, 100)) is None


@pytest.mark.parametrize("status", [Status.CAPTURED, Status.REFUNDED, Status.PENDING])
def test_what_was_captured_or_is_open_cannot_be_voided(status: Status) -> None:
    with pytest.raises(RefusedOperationError):
        void(Payment(status, 100))


def test_a_refund_without_an_amount_gives_back_the_rest() -> None:
    payment = Payment(Status.CAPTURED, 100, refunded_minor=30)
    assert refund(payment, None) == Operation(Kind.REFUND, 70)


def test_more_than_the_rest_is_refused() -> None:
    with pytest.raises(RefundTooLargeError) as caught:
        refund(Payment(Status.CAPTURED, 100, refunded_minor=30), 71)
    assert caught.value.refundable_minor == 70


def test_a_cancelled_order_is_not_captured() -> None:
    with pytest.raises(CancelledError):
        capture(Payment(Status.AUTHORISED, 100, cancelled=True))


def test_a_cancelled_order_waits_for_an_open_answer_then_lets_go() -> None:
    payment = Payment(Status.PENDING, 100, cancelled=True)
    assert give_back(payment) is None
    authorised = settle(payment, Operation(Kind.AUTHORISE, 100), approved=True)
    assert give_back(authorised) == Operation(Kind.VOID, 100)
