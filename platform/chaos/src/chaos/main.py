"""The command ``chaos``: list the experiments, run one or many, report on the verdicts."""

import asyncio
import random
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import sleep, time

import click
from msgspec.structs import replace

from chaos.errors import EXIT_FAILED, EXIT_REFUSED, ChaosError
from chaos.experiments import Experiment, find_experiment, read_experiments
from chaos.observed import last_recovered
from chaos.preflight import alone, system_for, target_of
from chaos.show import show_experiments, show_report, show_verdict
from chaos.store import store, stored
from chaos.system import entries_of, mode_of, telemetry_of
from chaos.verdict import Verdict
from pharos.console import note, print_json, print_json_line
from pharos.main import run_command
from pharos.options import json_option, state_option
from pharos.state import System, folder_of
from pharos.telemetry.system import traces_of
from warden.config import read_config
from warden.layout import project_root

ALL = "all"
REPORT = "report"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", required=False, metavar="[NAME|all|report]")
@click.option("--target", metavar="INSTANCE", help="What to hit, such as orders-1; else the experiment's first target.")
@click.option("--seed", default=1, show_default=True, help="Decides what customers order, and what `all` draws.")
@click.option("--times", default=1, show_default=True, type=click.IntRange(1), help="Run it so often.")
@click.option("--count", type=click.IntRange(1), help="With `all`: draw so many; each experiment once if not given.")
@json_option
@state_option
def chaos(
    *, name: str | None, target: str | None, seed: int, times: int, count: int | None, as_json: bool, state: Path | None
) -> None:
    """Break something in the running system on purpose, under load, and read what became of it.

    Without NAME the experiments are listed. `all` draws from them by the seed; `report` shows medians of the verdicts
    so far. Exit code 0: every run passed; 1: one did not; 2: used wrongly; 3: refused, and nothing was done.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # undoes everything, as Ctrl-C
    experiments = read_experiments(project_root())
    if name is None:
        show_experiments(experiments.values(), as_json=as_json)
    elif name == REPORT:
        show_report(list(stored(folder_of(state))), as_json=as_json)
    elif name == ALL:
        here = [one.in_mode(mode_of(state)) for one in experiments.values()]
        _run_each(drawn(here, seed, count), seed, state, as_json=as_json)
    else:
        wanted = find_experiment(experiments, name).in_mode(mode_of(state))
        _run_each([(wanted, target_of(wanted, target))] * times, seed, state, as_json=as_json)


def drawn(experiments: Sequence[Experiment], seed: int, count: int | None) -> list[tuple[Experiment, str]]:
    """Experiments in the order of the seed, each aimed at one of its targets; in rounds if `count` is larger."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    left = len(experiments) if count is None else count
    found: list[tuple[Experiment, str]] = []
    while left > 0 and experiments:
        order = chance.sample(experiments, len(experiments))[:left]
        found += [(one, chance.choice(one.terms.targets or ("",))) for one in order]
        left -= len(experiments)
    return found


def _run_each(wanted: Sequence[tuple[Experiment, str]], seed: int, state: Path | None, *, as_json: bool) -> None:
    verdicts = []
    for verdict in _verdicts(wanted, seed, state):
        verdicts.append(verdict)
        if not as_json:
            show_verdict(verdict)
        elif len(wanted) > 1:
            print_json_line(verdict)
        else:
            print_json(verdict)
    if not all(verdict.passed for verdict in verdicts):
        sys.exit(EXIT_FAILED)
    if not verdicts:
        sys.exit(EXIT_REFUSED)


def _verdicts(wanted: Sequence[tuple[Experiment, str]], seed: int, state: Path | None) -> Iterator[Verdict]:
    from chaos.run import run  # noqa: PLC0415 - what lists experiments does without HTTP
    from chaos.tell import tell  # noqa: PLC0415

    for number, (experiment, target) in enumerate(wanted):
        try:
            system = system_for(experiment, target, state)
            note(f"{experiment.name}{f' on {target}' if target else ''}: {experiment.title}")
            if number:
                _let_rest(system, target)
            with alone(system):
                verdict = run(experiment, target, seed + number, system, lambda words: note(f"  {words}"))
        except ChaosError as error:
            if len(wanted) == 1 or error.exit_code != EXIT_REFUSED:
                raise
            note(f"{experiment.name} is left out: {error.message}; {error.hint}")
            continue
        trace_id = asyncio.run(tell(verdict, telemetry_of(system)))
        verdict = replace(verdict, links={"trace": traces_of(state).page_of(trace_id), **verdict.links})
        store(system.folder, verdict)
        yield verdict


def _let_rest(system: System, target: str) -> None:
    """Wait until warden has forgiven the target's last fault: else it takes them for a crash loop in the end."""
    recovered = last_recovered(entries_of(system), target)
    left = 0.0 if recovered is None else recovered + read_config(system.folder.config).recovery.forgiven_after - time()
    if left > 0:
        note(f"  resting for {left:.0f} s, until warden has forgiven the last fault …")
        sleep(left)


def main() -> None:
    """Run the command; errors of ours end with their own exit code."""
    run_command(chaos)
