import threading

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chassis.telemetry.queue import Item, SignalQueue
from chassis.telemetry.settings import ExportSettings

LIMITS = ExportSettings(queue_items=12, queue_bytes=200, batch_items=5)


class Books(RuleBasedStateMachine):
    """Whatever happens in whatever order, no item is unaccounted for."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = SignalQueue("traces", LIMITS)
        self.taken: list[list[Item]] = []

    @rule(size=st.integers(0, 60), fails=st.booleans())
    def offer(self, size: int, fails: bool) -> None:
        def encode(subject: int) -> str:
            if fails:
                raise ValueError("cannot be encoded")
            return "x" * subject

        self.queue.offer("scope", encode, size)

    @rule()
    def take(self) -> None:
        self.taken.append(self.queue.take())

    @rule(accepted=st.integers(0, 8), reason=st.sampled_from(["refused", "partial_success", "shutdown"]))
    def settle(self, accepted: int, reason: str) -> None:
        if self.taken:
            batch = self.taken.pop()
            self.queue.settle(batch, delivered=min(accepted, len(batch)), reason=reason)

    @rule()
    def close(self) -> None:
        self.queue.close()

    @invariant()
    def books_balance(self) -> None:
        queue = self.queue
        assert queue.produced == queue.delivered + sum(queue.dropped.values()) + queue.queued

    @invariant()
    def bounds_hold(self) -> None:
        assert self.queue.queued <= LIMITS.queue_items
        assert self.queue.queued_bytes < LIMITS.queue_bytes + 60
        assert self.queue.queued_bytes >= 0
        assert self.queue.queued > 0 or self.queue.queued_bytes == 0


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_the_newest_is_dropped_when_full_and_costs_no_encoding() -> None:
    queue = SignalQueue("traces", ExportSettings(queue_items=2))
    encoded: list[int] = []

    def encode(subject: int) -> str:
        encoded.append(subject)
        return str(subject)

    for number in range(5):
        queue.offer("scope", encode, number)
    assert [item.data for item in queue.take()] == [b"0", b"1"]
    assert encoded == [0, 1]
    assert queue.dropped["queue_full"] == 3


def test_the_exporter_is_woken_once_a_batch_is_full() -> None:
    woken: list[bool] = []
    queue = SignalQueue("traces", ExportSettings(batch_items=3))
    queue.on_batch = lambda: woken.append(True)
    for _ in range(5):
        queue.offer("scope", str, 1)
    assert woken == [True]


def test_a_batch_is_bounded_in_bytes_but_never_empty() -> None:
    queue = SignalQueue("traces", ExportSettings(batch_bytes=10))
    for size in (25, 4, 4, 4):
        queue.offer("scope", lambda subject: "x" * subject, size)
    assert [[len(item.data) for item in queue.take()] for _ in range(4)] == [[25], [4, 4], [4], []]


def test_an_item_offered_while_another_is_encoded_is_kept_and_counted() -> None:
    queue = SignalQueue("traces", ExportSettings())

    def encode(subject: str) -> str:  # as a finalizer does that the garbage collector runs in between
        if subject == "outer":
            queue.offer("scope", encode, "inner")
        return subject

    offering = threading.Thread(target=queue.offer, args=("scope", encode, "outer"), daemon=True)
    offering.start()
    offering.join(timeout=5)
    assert not offering.is_alive()
    assert [item.data for item in queue.take()] == [b"inner", b"outer"]
    assert (queue.produced, queue.queued_bytes) == (2, 10)
