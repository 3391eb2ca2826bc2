"""``pharos logs ID``: every log line of a request, from every service."""

from pathlib import Path

import click

from pharos.console import print_json_line
from pharos.errors import CliError
from pharos.options import json_option, state_option
from pharos.telemetry.find import check_id
from pharos.telemetry.output import line_document
from pharos.telemetry.settle import wait_for_lines
from pharos.telemetry.system import logs_of


@click.command()
@click.argument("wanted", metavar="ID")
@click.option("--wait", type=click.FloatRange(min=0), default=5.0, show_default=True, help="Seconds to wait for lines.")
@json_option
@state_option
def logs(wanted: str, wait: float, as_json: bool, state: Path | None) -> None:
    """Show what all services logged about a request, in order of time (UTC).

    ID is a correlation ID, a trace ID or an order ID.
    """
    found = wait_for_lines(logs_of(state).finder, check_id(wanted), wait)
    if not found:
        raise CliError(
            f"no log line is known for {wanted}",
            "see that the ID is whole, or give it time: pharos logs ID --wait 30; ./just order makes a new one",
        )
    if as_json:
        for line in found:
            print_json_line(line_document(line))
        return
    from pharos.telemetry.render import console, print_lines  # noqa: PLC0415 - rich is not needed for JSON

    print_lines(console(), found)
