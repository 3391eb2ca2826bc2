"""Medians over the verdicts so far."""

from collections.abc import Iterable, Sequence
from statistics import median

import msgspec

from chaos.verdict import Verdict


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment on one target; seconds and requests are medians over its runs, None where no run had any.

    `to_cold_start` is the recovery over the cold start of the same process as part of `up`.
    """

    experiment: str
    target: str
    runs: int
    passed: int
    detection_seconds: float | None
    recovery_seconds: float | None
    service_seconds: float | None
    to_cold_start: float | None
    restarts: float
    requests_failed: float
    requests_sent: int
    orders_lost: int
    orders_doubled: int
    bystanders_restarted: int


def lines(verdicts: Iterable[Verdict]) -> list[Line]:
    """A line for each experiment and target, by name."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.experiment, verdict.target), []).append(verdict)
    return [_line(groups[key]) for key in sorted(groups)]


def _line(runs: Sequence[Verdict]) -> Line:
    measured = [one.measured for one in runs]
    return Line(
        experiment=runs[0].experiment,
        target=runs[0].target,
        runs=len(runs),
        passed=sum(one.passed for one in runs),
        detection_seconds=_median(one.detection_seconds for one in measured),
        recovery_seconds=_median(one.recovery_seconds for one in measured),
        service_seconds=_median(one.service_seconds for one in measured),
        to_cold_start=_median(map(_to_cold_start, runs)),
        restarts=median(one.restarts for one in measured),
        requests_failed=median(one.requests.failed for one in measured),
        requests_sent=sum(one.requests.sent for one in measured),
        orders_lost=sum(one.orders.lost for one in measured),
        orders_doubled=sum(one.orders.doubled for one in measured),
        bystanders_restarted=sum(sum(one.bystanders.values()) for one in measured),
    )


def _to_cold_start(verdict: Verdict) -> float | None:
    recovery = verdict.measured.recovery_seconds
    return recovery / verdict.cold_start_seconds if recovery and verdict.cold_start_seconds else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
