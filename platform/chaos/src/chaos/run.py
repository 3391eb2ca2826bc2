"""One run from its start to its verdict."""

import random
import time
from collections import Counter
from collections.abc import Sequence

from chaos.experiments import Experiment
from chaos.guard import Guard
from chaos.load import CustomerLoad, Outcome
from chaos.observed import recovery_of
from chaos.play import Played, Tell, play
from chaos.session import Session
from chaos.settled import left_open
from chaos.system import cold_start, entries_of, pages_of, restarts
from chaos.verdict import Measured, Orders, Requests, Verdict, findings
from pharos.state import System
from pharos.telemetry.system import traces_of
from warden.journal import Entry

SHOWN_TRACES = 20


def run(experiment: Experiment, target: str, seed: int, system: System, tell: Tell) -> Verdict:
    """Run an experiment under load, and judge it.

    Raises:
        Refused: the steady state does not hold to begin with.
        ChaosError: it could not be run to its end; the faults are undone.
        KeyboardInterrupt: it was interrupted; the faults are undone.
    """
    began = time.time()
    chance = random.Random(seed)  # noqa: S311 - a repeatable crowd, no secret
    with Guard() as guard, CustomerLoad(system, experiment.terms.load, chance) as load:
        session = Session(system, guard)
        played = play(experiment, target, session, tell)
        tell("waiting for the customers' last answers …")
        outcome = load.stop()
    tell("waiting until all work is done …")
    open_ = left_open(system)
    entries = entries_of(system)
    measured = _measure(session, played, outcome, entries, open_)
    broken = findings(measured, experiment.terms.bounds)
    traces = [failure.trace_id for failure in outcome.failures if failure.trace_id][:SHOWN_TRACES]
    return Verdict(
        experiment=experiment.name,
        title=experiment.title,
        fault=experiment.terms.fault,
        target=target,
        mode=system.record.mode,
        seed=seed,
        began=began,
        struck=session.struck,
        lifted=session.lifted,
        seconds=time.time() - began,
        passed=not broken,
        findings=broken,
        measured=measured,
        cold_start_seconds=cold_start(system, entries, target),
        failures=dict(Counter(failure.what for failure in outcome.failures)),
        failed_trace_ids=traces,
        links=_links(system, traces),
    )


def _measure(
    session: Session, played: Played, outcome: Outcome, entries: Sequence[Entry], open_: tuple[str, ...]
) -> Measured:
    struck = session.struck if session.struck is not None else time.time()
    times = restarts(session.system, entries, struck)
    found = recovery_of(entries, session.hit, struck)
    return Measured(
        steady_after=played.unmet,
        method=played.failures,
        detection_seconds=found.detection,
        recovery_seconds=found.recovery,
        service_seconds=session.served_after,
        left_open=open_,
        restarts=sum(count for instance, count in times.items() if instance in session.hit),
        bystanders={instance: count for instance, count in times.items() if instance not in session.hit},
        requests=Requests(sent=len(outcome.samples), failed=len(outcome.failures), p99_ms=outcome.p99_ms),
        orders=Orders(acknowledged=len(outcome.answered), lost=outcome.lost, doubled=outcome.doubled),
    )


def _links(system: System, traces: Sequence[str]) -> dict[str, str]:
    pages = traces_of(system.folder.path)
    return {**pages_of(system), **{trace: pages.page_of(trace) for trace in traces}}
