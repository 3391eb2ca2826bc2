"""Deadlines travel and shrink."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.resilience import Deadline, bind_deadline, current_deadline, deadline_from_header
from chassis.resilience.asgi import DeadlineMiddleware, Message, Scope
from chassis.resilience.deadline import LONGEST_TIMEOUT_S, call_deadline

times = st.floats(0, 1e6)
spans = st.floats(0, 100)


@given(left=spans, own=spans, now=times)
def test_a_child_never_gets_more_than_its_own_or_nine_tenths(left: float, own: float, now: float) -> None:
    parent = Deadline.after(left, now)
    child = parent.child(own, now)
    assert child.remaining(now) <= own + 1e-6
    assert child.remaining(now) <= 0.9 * left + 1e-6
    assert child.at <= parent.at + 1e-6


@given(hops=st.integers(1, 40), now=times)
def test_every_hop_leaves_less_until_no_call_may_start(hops: int, now: float) -> None:
    deadline = Deadline.after(5.0, now)
    for _ in range(hops):
        child = deadline_from_header(deadline.child(5.0, now).header(now), now)
        assert child.at < deadline.at or not deadline.allows_call(now)
        deadline = child


def test_below_twenty_milliseconds_no_call_may_start() -> None:
    assert Deadline(0.020).allows_call(0.0)
    assert not Deadline(10.019).allows_call(10.0)
    assert not Deadline(9.0).allows_call(10.0)


@given(st.text(max_size=20) | st.none())
def test_any_header_gives_a_bounded_deadline(value: str | None) -> None:
    assert 0.0 <= deadline_from_header(value, 0.0).at <= LONGEST_TIMEOUT_S


@given(st.integers(0, 60_000))
def test_the_header_is_whole_milliseconds_never_rounded_up(milliseconds: int) -> None:
    deadline = deadline_from_header(str(milliseconds), 0.0)
    assert milliseconds - 1 <= int(deadline.header(0.0)) <= milliseconds


def test_without_a_caller_a_call_has_its_own_timeout() -> None:
    assert call_deadline(2.0, 10.0).at == 12.0
    assert call_deadline(2.0, 10.0, Deadline(11.0)).at == 10.9


async def test_the_middleware_binds_the_deadline_of_the_request() -> None:
    seen: list[Deadline | None] = []

    async def app(_scope: Scope, _receive: object, _send: object) -> None:
        seen.append(current_deadline())

    async def receive() -> Message:
        return {}

    async def send(_: Message) -> None:
        return None

    middleware = DeadlineMiddleware(app, default=3.0, clock=lambda: 100.0)
    await middleware({"type": "http", "headers": [(b"x-request-timeout-ms", b"250")]}, receive, send)
    await middleware({"type": "http", "headers": []}, receive, send)
    await middleware({"type": "lifespan"}, receive, send)
    assert seen == [Deadline(100.25), Deadline(103.0), None]
    assert current_deadline() is None


def test_a_binding_ends_with_its_block() -> None:
    with bind_deadline(Deadline(1.0)):
        with bind_deadline(Deadline(2.0)):
            assert current_deadline() == Deadline(2.0)
        assert current_deadline() == Deadline(1.0)
    assert current_deadline() is None
