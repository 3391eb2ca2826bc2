"""``pharos trace ID``: every span of a request, from every service."""

from pathlib import Path

import click
import msgspec

from pharos.console import note, print_json
from pharos.errors import CliError
from pharos.options import json_option, state_option
from pharos.telemetry.find import check_id
from pharos.telemetry.settle import wait_for_traces
from pharos.telemetry.system import traces_of


@click.command()
@click.argument("wanted", metavar="ID")
@click.option(
    "--wait", type=click.FloatRange(min=0), default=5.0, show_default=True, help="Seconds to wait for all of it."
)
@click.option("--all", "every_statement", is_flag=True, help="Show each SQL statement on a line of its own.")
@json_option
@state_option
def trace(*, wanted: str, wait: float, every_statement: bool, as_json: bool, state: Path | None) -> None:
    """Show the way of a request through the services.

    ID is a correlation ID, a trace ID or an order ID.
    """
    telemetry = traces_of(state)
    found = wait_for_traces(telemetry.finder, check_id(wanted), wait)
    if found is None:
        raise CliError(
            f"no trace is known for {wanted}",
            "see that the ID is whole, or give it time: pharos trace ID --wait 30; ./just order makes a new one",
        )
    if not found.complete:
        note(f"incomplete after {wait:g} s: a root or a parent is missing; try a longer --wait")
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    from pharos.telemetry.render import console, print_trace  # noqa: PLC0415 - rich is not needed for JSON

    out = console()
    out.print(f"correlation {found.correlation_id or '(none)'}")
    for one in found.traces:
        print_trace(out, one, telemetry.page_of(one.trace_id), every_statement=every_statement)
