"""The saga against a world that loses requests and answers, kills processes and lets dead ones speak late."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orders.domain.order import Reason, Status
from orders.domain.saga import (
    Compensation,
    Done,
    Failed,
    Finish,
    Outcome,
    Refused,
    Saga,
    Step,
    apply,
    doubt,
    finish,
    next_action,
    request_cancel,
    steer,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
BOUND = timedelta(seconds=60)
Call = Step | Compensation


@dataclass
class World:
    """The callees: each remembers the first answer to every step and gives it again."""

    refuses: frozenset[Step] = frozenset()
    stock: str = "none"
    payment: str = "none"
    answers: dict[Step, Outcome] = field(default_factory=dict)
    captures: int = 0
    refunds: int = 0

    def ask(self, call: Call) -> Outcome:
        if isinstance(call, Compensation):
            return self._undo(call)
        if call not in self.answers:
            self.answers[call] = Refused(Reason.STEP_FAILED) if call in self.refuses else self._do(call)
        return self.answers[call]

    def _do(self, step: Step) -> Outcome:
        match step:
            case Step.RESERVE_STOCK:
                self.stock = "held"
            case Step.AUTHORISE_PAYMENT:
                self.payment = "authorised"
            case Step.COMMIT_RESERVATION:
                if self.stock != "held":
                    return Refused(Reason.RESERVATION_EXPIRED)
                self.stock = "sold"
            case Step.CAPTURE_PAYMENT:
                if self.payment != "authorised":
                    return Refused(Reason.PAYMENT_REFUSED)
                self.payment = "captured"
                self.captures += 1
            case _:
                pass
        return Done("some-id")

    def _undo(self, compensation: Compensation) -> Outcome:
        match compensation:
            case Compensation.VOID_PAYMENT:
                assert self.payment in {"authorised", "voided"}
                self.payment = "voided"
            case Compensation.REFUND_PAYMENT:
                assert self.payment in {"captured", "refunded"}
                self.refunds += self.payment == "captured"
                self.payment = "refunded"
            case Compensation.RELEASE_RESERVATION:
                assert self.stock in {"held", "sold", "released"}
                self.stock = "released"
        return Done()


class SagaUnderFaults(RuleBasedStateMachine):
    @initialize(refuses=st.frozensets(st.sampled_from(Step), max_size=2))
    def place(self, refuses: frozenset[Step]) -> None:
        self.world = World(refuses)
        self.now = START
        self.saga = Saga(deadline=START + BOUND)
        self.ghosts: list[Call] = []

    @property
    def asks(self) -> bool:
        return isinstance(next_action(self.saga), Call)

    @property
    def call(self) -> Call:
        action = next_action(self.saga)
        assert isinstance(action, Call)
        return action

    def record(self, outcome: Outcome) -> None:
        self.saga = steer(apply(self.saga, self.call, outcome), self.now)

    @precondition(lambda self: self.asks)
    @rule()
    def step_is_taken(self) -> None:
        self.record(self.world.ask(self.call))

    @precondition(lambda self: self.asks)
    @rule()
    def answer_is_lost(self) -> None:
        self.world.ask(self.call)
        self.record(Failed("timeout"))

    @precondition(lambda self: self.asks)
    @rule()
    def request_is_lost_and_arrives_late(self) -> None:
        self.ghosts.append(self.call)
        self.record(Failed("timeout"))

    @precondition(lambda self: self.asks)
    @rule(reached=st.booleans(), late=st.booleans())
    def process_dies_and_another_goes_on(self, reached: bool, late: bool) -> None:
        if reached:
            self.world.ask(self.call)
        elif late:
            self.ghosts.append(self.call)
        self.saga = steer(doubt(self.saga), self.now)

    @precondition(lambda self: self.ghosts)
    @rule(data=st.data())
    def late_request_arrives(self, data: st.DataObject) -> None:
        ghost = self.ghosts.pop(data.draw(st.integers(0, len(self.ghosts) - 1)))
        self.world.ask(ghost)

    @precondition(lambda self: isinstance(next_action(self.saga), Finish))
    @rule()
    def saga_finishes(self) -> None:
        self.saga = finish(self.saga)
        self.check_books()

    @rule()
    def customer_cancels(self) -> None:
        self.saga = steer(request_cancel(self.saga, self.now + BOUND), self.now)

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.saga = steer(self.saga, self.now)

    @invariant()
    def no_money_moves_twice(self) -> None:
        if hasattr(self, "world"):
            assert self.world.captures <= 1
            assert self.world.refunds <= self.world.captures

    def check_books(self) -> None:
        if self.saga.status is Status.CONFIRMED:
            assert (self.world.stock, self.world.payment) == ("sold", "captured")
            assert self.saga.reason is None
        else:
            assert self.world.stock in {"none", "released"}
            assert self.world.payment in {"none", "voided", "refunded"}
            assert self.saga.reason is not None

    def teardown(self) -> None:
        """Once the faults end, every saga ends within its number of steps, and late requests change nothing."""
        if not hasattr(self, "world"):
            return
        for _ in range(len(Step) + len(Compensation)):
            if not self.asks:
                break
            self.record(self.world.ask(self.call))
        if isinstance(next_action(self.saga), Finish):
            self.saga = finish(self.saga)
        assert not self.saga.open
        for ghost in self.ghosts:
            self.world.ask(ghost)
        self.check_books()


SagaUnderFaults.TestCase.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
test_a_saga_ends_well_under_any_faults = SagaUnderFaults.TestCase
