"""Experiments, verdicts and medians as people and programs read them."""

from collections.abc import Collection, Iterator, Sequence

import click
import msgspec

from chaos.experiments import Experiment
from chaos.report import lines
from chaos.verdict import Verdict
from pharos.console import note, print_json, print_table

NONE = "-"
MEDIANS = (
    *("EXPERIMENT", "TARGET", "PASSED", "DETECTED", "RECOVERED", "SERVED", "÷ COLD START"),
    *("RESTARTS", "FAILED", "LOST", "DOUBLED", "BYSTANDERS"),
)


def show_experiments(experiments: Collection[Experiment], *, as_json: bool) -> None:
    """What can be run."""
    if as_json:
        print_json([{"name": one.name, "title": one.title, **msgspec.to_builtins(one.terms)} for one in experiments])
        return
    print_table(
        ("EXPERIMENT", "FAULT", "MODES", "NEEDS", "WHAT MUST HOLD"),
        [(one.name, one.terms.fault, ", ".join(one.terms.modes), _needs(one), one.title) for one in experiments],
    )
    note("\nrun one with: ./just chaos NAME")


def show_verdict(verdict: Verdict) -> None:
    """One run."""
    print_table(("", ""), [(label, value) for label, value in _rows(verdict)])
    for finding in verdict.findings:
        click.echo(f"  ✗ {finding}")


def show_report(verdicts: Sequence[Verdict], *, as_json: bool) -> None:
    """Medians of all runs so far."""
    found = lines(verdicts)
    if as_json:
        print_json(found)
        return
    if not found:
        note("no verdict yet; make one with: ./just chaos NAME")
        return
    print_table(
        MEDIANS,
        [
            (
                one.experiment,
                one.target or NONE,
                f"{one.passed}/{one.runs}",
                _seconds(one.detection_seconds),
                _seconds(one.recovery_seconds),
                _seconds(one.service_seconds),
                NONE if one.to_cold_start is None else f"{one.to_cold_start:.2f}",
                f"{one.restarts:g}",
                f"{one.requests_failed:g}",
                str(one.orders_lost),
                str(one.orders_doubled),
                str(one.bystanders_restarted),
            )
            for one in found
        ],
    )


def _rows(verdict: Verdict) -> Iterator[tuple[str, str]]:
    measured = verdict.measured
    requests, orders = measured.requests, measured.orders
    yield "verdict", click.style("passed", fg="green") if verdict.passed else click.style("FAILED", fg="red")
    yield "fault", f"{verdict.fault}{f' of {verdict.target}' if verdict.target else ''}"
    yield "detected after", _seconds(measured.detection_seconds)
    yield "recovered after", _seconds(measured.recovery_seconds)
    yield "served again after", _seconds(measured.service_seconds)
    yield "requests", f"{requests.sent} sent, {requests.failed} failed, p99 {requests.p99_ms:.0f} ms"
    yield "orders", f"{orders.acknowledged} acknowledged, {orders.lost} lost, {orders.doubled} doubled"
    yield "restarts", f"{measured.restarts} of what was hit, {sum(measured.bystanders.values())} of bystanders"
    for what, times in verdict.failures.items():
        yield "", f"{times} times {what}"
    for trace_id in verdict.failed_trace_ids:
        yield "failed request", verdict.links.get(trace_id, trace_id)


def _needs(experiment: Experiment) -> str:
    replicas = [f"--replicas {name}={count}" for name, count in experiment.terms.replicas.items()]
    start = ["--chaos"] * experiment.terms.seam if "embedded" in experiment.terms.modes else ["--docker", "--chaos"]
    return " ".join(start + replicas) or NONE


def _seconds(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f} s"
