"""The verdict on one run: what was measured, held against what was promised."""

from collections.abc import Iterator

import msgspec

from chaos.experiments import Bounds


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """Requests at the public port, orders and looks alike."""

    sent: int
    failed: int
    p99_ms: float

    @property
    def failed_share(self) -> float:
        """Of all."""
        return self.failed / self.sent if self.sent else 0.0


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """Orders that were acknowledged, and those that must not be: lost or doubled."""

    acknowledged: int
    lost: int
    doubled: int


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to; seconds are None for what never happened or was not asked.

    Attributes:
        steady_after: what of the steady state did not hold after the fault, empty if all of it did.
        method: what an action or probe of the method could not do, empty if nothing.
        detection_seconds: from the fault until warden noticed.
        recovery_seconds: from the fault until what was hit was well again by warden's journal.
        service_seconds: from the end of the fault until an order was confirmed again.
        left_open: the invariants that still wait for work when all is over.
        restarts: of what was hit.
        bystanders: restarts of every other part, by instance; leaving out those without.
    """

    steady_after: str
    method: tuple[str, ...]
    detection_seconds: float | None
    recovery_seconds: float | None
    service_seconds: float | None
    left_open: tuple[str, ...]
    restarts: int
    bystanders: dict[str, int]
    requests: Requests
    orders: Orders


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict as it is stored and shown; docs/chaos.md describes each field. Times are Unix time in seconds."""

    experiment: str
    title: str
    fault: str
    target: str
    mode: str
    seed: int
    began: float
    struck: float | None
    lifted: float | None
    seconds: float
    passed: bool
    findings: list[str]
    measured: Measured
    cold_start_seconds: float | None
    failures: dict[str, int]
    failed_trace_ids: list[str]
    links: dict[str, str]


def findings(measured: Measured, bounds: Bounds) -> list[str]:
    """What is not as it was promised, in words; empty when the run passed."""
    return [*_for_all(measured), *_of_this(measured, bounds)]


def _for_all(measured: Measured) -> Iterator[str]:
    if measured.steady_after:
        yield f"afterwards this does not hold: {measured.steady_after}"
    yield from measured.method
    for invariant in measured.left_open:
        yield f"work was never done: {invariant}"
    if measured.orders.lost:
        yield f"{measured.orders.lost} orders lost"
    if measured.orders.doubled:
        yield f"{measured.orders.doubled} orders doubled"
    for instance, times in measured.bystanders.items():
        yield f"{instance} was restarted {times} times though nothing was done to it"


def _of_this(measured: Measured, bounds: Bounds) -> Iterator[str]:
    requests = measured.requests
    if bounds.failed is not None and requests.failed > bounds.failed:
        yield f"{requests.failed} requests failed (at most {bounds.failed})"
    if bounds.failed_share is not None and requests.failed_share > bounds.failed_share:
        yield f"{requests.failed_share:.2%} of the requests failed (at most {bounds.failed_share:.2%})"
    if bounds.restarts is not None and measured.restarts > bounds.restarts:
        yield f"{measured.restarts} restarts (at most {bounds.restarts})"
    yield from _late("noticed", measured.detection_seconds, bounds.detection)
    yield from _late("recovered", measured.recovery_seconds, bounds.recovery)
    yield from _late("served again", measured.service_seconds, bounds.service)


def _late(what: str, seconds: float | None, bound: float | None) -> Iterator[str]:
    if bound is None:
        return
    if seconds is None:
        yield f"never {what} (within {bound:g} s)"
    elif seconds > bound:
        yield f"{what} after {seconds:.1f} s (within {bound:g} s)"
