"""``pharos audit``: whether anything was lost or doubled."""

import asyncio
from pathlib import Path

import click

from pharos.audit.run import SETTLE_S, WAIT_S, audit
from pharos.audit.verdict import OK, OPEN, Judgement
from pharos.console import note, print_json, print_table
from pharos.errors import CliError
from pharos.options import json_option, state_option
from pharos.state import find_system

SHOWN = 20
_COLOURS = {OK: "green", OPEN: "yellow"}


@click.command("audit")
@click.option(
    "--wait",
    default=WAIT_S,
    show_default=True,
    type=click.FloatRange(SETTLE_S),
    help="Seconds for which differences are read again, since they may be work in progress.",
)
@json_option
@state_option
def audit_command(*, wait: float, as_json: bool, state: Path | None) -> None:
    """Hold the books of all services against each other.

    What is under way is reported as open. Exit code 0 means that nothing is violated.
    """
    system = find_system(state)
    judgement = asyncio.run(audit(system, wait, note))
    if as_json:
        print_json(judgement.document)
    else:
        _show(judgement)
    if not judgement.ok:
        violated = sum(len(invariant.violations) for invariant in judgement.invariants)
        raise CliError(f"{violated} violations", "each says above what to do; ./just audit --json has all of them")


def _show(judgement: Judgement) -> None:
    print_table(
        ("INVARIANT", "STATUS", "CHECKED", "OPEN", "VIOLATIONS"),
        [
            (
                each.name,
                click.style(each.status, fg=_COLOURS.get(each.status, "red")),
                str(each.checked),
                str(each.open),
                str(len(each.violations)),
            )
            for each in judgement.invariants
        ],
    )
    for invariant in judgement.invariants:
        for finding in invariant.violations[:SHOWN]:
            click.echo(f"\n{click.style(finding.subject, bold=True)}  ({invariant.name})")
            click.echo(f"  {finding.left}\n  {finding.right}\n  difference: {finding.difference}")
            note(f"  {finding.next}")
        if len(invariant.violations) > SHOWN:
            click.echo(f"\n… and {len(invariant.violations) - SHOWN} more of: {invariant.name}")
